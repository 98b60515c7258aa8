namespace Posthouse.Storage;

/// <summary>Looks at a store without taking part in it. Used by one thread at a time.</summary>
internal interface IStoreLook : IDisposable
{
    /// <summary>A number that changes whenever somebody has committed.</summary>
    long Version { get; }

    /// <summary>Reads one state of the store, however many statements it takes.</summary>
    T Read<T>(Func<IRead, T> read);

    /// <summary>Whether the process of an instance lives, as far as it can be known from here.</summary>
    bool IsAlive(InstanceId instance);
}
