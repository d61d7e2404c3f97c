using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Makes mutexes over a registered quorum, with its configured defaults. The container makes one for each quorum, and ends it.</summary>
public sealed class LockProvider : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan _lookInterval = TimeSpan.FromMilliseconds(5);

    private readonly RedlockServiceOptions _options;
    private readonly FactoryLog _log;

    internal LockProvider(RedlockServiceOptions options, ILogger<LockProvider> logger)
    {
        _options = options;
        Defaults = options.Defaults.ToMutexOptions();
        Factory = RedlockFactory.Create(new RedlockOptions { Node = options.ToNodeOptions() }, options.Nodes);
        _log = new FactoryLog(Factory, logger);
    }

    /// <summary>The factory over the nodes.</summary>
    public RedlockFactory Factory { get; }

    /// <summary>How mutexes behave unless they are told otherwise.</summary>
    public MutexOptions Defaults { get; }

    /// <summary>Makes a mutex for a name; keep it for as long as the name is used.</summary>
    /// <param name="name">What is locked.</param>
    public RedlockMutex CreateMutex(string name) => Factory.CreateMutex(name, Defaults);

    /// <summary>Makes a mutex for a name that behaves otherwise than the defaults.</summary>
    /// <param name="name">What is locked.</param>
    /// <param name="change">Gives the options, made from the defaults: <c>defaults => defaults with { ... }</c>.</param>
    public RedlockMutex CreateMutex(string name, Func<MutexOptions, MutexOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Factory.CreateMutex(name, change(Defaults));
    }

    /// <summary>Closes the connections at once: releases under way may not reach every node.</summary>
    public void Dispose()
    {
        _log.Dispose();
        Factory.Dispose();
    }

    /// <summary>Closes the connections once every node has answered what it was asked, at the latest after <see cref="RedlockServiceOptions.StopTimeLimit"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        long start = TimeProvider.System.GetTimestamp();
        while (IsAnyPending() && TimeProvider.System.GetElapsedTime(start) < _options.StopTimeLimit)
        {
            await Task.Delay(_lookInterval).ConfigureAwait(false);
        }

        Dispose();
    }

    internal TimeSpan StartTimeLimit => _options.StartTimeLimit;

    internal FactoryLog Log => _log;

    private bool IsAnyPending()
    {
        foreach (RespChannel channel in Factory.Nodes)
        {
            if (channel is RespNode { IsConnected: true, Pending: > 0 })
            {
                return true;
            }
        }

        return false;
    }
}
