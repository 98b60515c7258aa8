using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

/// <summary>The file that says that a process lives.</summary>
public sealed class InstanceLockTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nobody_else_can_read_or_take_it()
    {
        var path = _folder.File("posthouse.db");
        using var held = InstanceLock.TryTake(path, new InstanceId("1-a")).ShouldNotBeNull();

        InstanceLock.TryTake(path, new InstanceId("1-a")).ShouldBeNull();
        Durable.IsPrivate(path + "-instance-1-a").ShouldBeTrue();
    }
}
