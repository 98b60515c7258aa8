using System.Reflection;
using Microsoft.Extensions.Logging;
using Posthouse.Diagnostics;

namespace Posthouse.Tests.Diagnostics;

public sealed class LogTests
{
    [Fact]
    public void Ids_are_unique_and_in_the_packages_range()
    {
        var ids = typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToList();
        ids.ShouldNotBeEmpty();
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id >= 1000 && id <= 1999);
    }
}
