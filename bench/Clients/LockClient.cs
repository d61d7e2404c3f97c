using System.Reflection;

namespace Redlock.Fast.Bench;

/// <summary>A library that locks on servers, with connections of its own.</summary>
/// <param name="name">What its figures are called.</param>
/// <param name="settings">Which library it is, and with which settings it locks.</param>
internal abstract class LockClient(string name, string settings) : IAsyncDisposable
{
    /// <summary>What its figures are called.</summary>
    public string Name => name;

    /// <summary>Which library it is, and with which settings it locks: its own defaults, but for what it wants to be told.</summary>
    public string Settings => settings;

    /// <summary>How long a lock lasts where a library has no default of its own: this library's default.</summary>
    protected static TimeSpan Expiry => MutexOptions.NonBlocking.Expiry;

    /// <summary>Prepares to take and release a name.</summary>
    /// <param name="name">The name, which nobody else uses.</param>
    public abstract LockCycle NewCycle(string name);

    /// <summary>Ends its connections.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>A library's name and version, as its assembly gives them.</summary>
    /// <param name="type">A type of the library.</param>
    protected static string Library(Type type)
    {
        string? version = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return $"{type.Assembly.GetName().Name} {version?.Split('+')[0]}";
    }
}
