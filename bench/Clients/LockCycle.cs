namespace Redlock.Fast.Bench;

/// <summary>One name that is taken and released, again and again.</summary>
internal abstract class LockCycle
{
    /// <summary>Takes it and releases it.</summary>
    /// <returns>Whether it was taken.</returns>
    public abstract ValueTask<bool> RunAsync();
}
