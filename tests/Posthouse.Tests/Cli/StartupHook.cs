// The runtime finds a startup hook by this name, outside every namespace.
#pragma warning disable CA1050
internal static class StartupHook
{
    /// <summary>Called by the runtime before Main; prints on standard error, at the end, what the process has loaded.</summary>
    public static void Initialize() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies()) { Console.Error.WriteLine(assembly.GetName().Name); }
    };
}
