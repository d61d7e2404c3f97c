using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Competes for one lock for as long as the host runs, and leads for as long as it has it.</summary>
internal sealed class LeaderElection : BackgroundService, ILeaderElection
{
    private const double ShareBetweenRenewals = 1.0 / 3;

    // Where the defaults have no delay: whoever loses what it has just won would compete without a breath.
    private static readonly TimeSpan _shortestPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly RedlockMutex _mutex;
    private readonly ILogger _logger;
    private TaskCompletionSource<LeaderTerm> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LeaderTerm? _term;

    public LeaderElection(string name, ILockProvider locks, Func<MutexOptions, MutexOptions>? change, ILogger logger)
    {
        _mutex = locks.CreateMutex(
            name,
            defaults =>
            {
                MutexOptions kept = defaults with
                {
                    Fenced = true,
                    Renew = defaults.Renew ?? RenewOptions.Every(ShareBetweenRenewals, Timeout.InfiniteTimeSpan),
                };
                return change is null ? kept : change(kept);
            });
        _logger = logger;
    }

    public event EventHandler<LeadershipChangedEventArgs>? Changed;

    public string Name => _mutex.Name;

    public bool IsLeader => Term is { IsHeld: true };

    public LeaderTerm? Term
    {
        get
        {
            lock (_gate)
            {
                return _term;
            }
        }
    }

    public Task<LeaderTerm> WaitForTermAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return (_term is null ? _next.Task : Task.FromResult(_term)).WaitAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                LockResult taken = await _mutex.TryLockAsync(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(false);
                if (taken.IsAcquired)
                {
                    await LeadAsync(taken.Handle, stoppingToken).ConfigureAwait(false);
                }

                await PauseAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                // The quorum is gone, and nobody leads by it any more.
                return;
            }
            catch (Exception fault)
            {
                LogMessages.ElectionFailed(_logger, PrintableText.OfName(Name), fault);
                await PauseAsync(stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private async Task LeadAsync(LockHandle held, CancellationToken stoppingToken)
    {
        using CancellationTokenSource ended = new();
        LeaderTerm term = new(Name, held, ended.Token);
        try
        {
            using CancellationTokenRegistration lost = held.Lost.UnsafeRegister(
                static it => ((LeaderTerm)it!).TryEnd(LeadershipChange.Lost), term);
            using CancellationTokenRegistration stopped = stoppingToken.UnsafeRegister(
                static it => ((LeaderTerm)it!).TryEnd(LeadershipChange.Stopped), term);
            Begin(term);
            LeadershipChange reason = await term.End.ConfigureAwait(false);
            await EndAsync(term, reason, ended).ConfigureAwait(false);
        }
        finally
        {
            await held.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Begin(LeaderTerm term)
    {
        TaskCompletionSource<LeaderTerm> waiting;
        lock (_gate)
        {
            _term = term;
            waiting = _next;
            _next = new TaskCompletionSource<LeaderTerm>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        LeaderMetrics.NoteBegin(Name);
        LogMessages.LeadershipBegun(_logger, PrintableText.OfName(Name));
        waiting.SetResult(term);
        Tell(term, LeadershipChange.Begun);
    }

    /// <summary>What it led for is over before the lock goes: so nobody else begins beside it.</summary>
    private async Task EndAsync(LeaderTerm term, LeadershipChange reason, CancellationTokenSource ended)
    {
        lock (_gate)
        {
            _term = null;
        }

        string name = PrintableText.OfName(Name);
        LeaderMetrics.NoteEnd(Name, reason);
        switch (reason)
        {
            case LeadershipChange.Lost:
                LogMessages.LeadershipLost(_logger, name);
                break;
            case LeadershipChange.Failed:
                LogMessages.LeaderFailed(_logger, name, term.Fault);
                break;
            default:
                LogMessages.LeadershipGivenUp(_logger, name, reason);
                break;
        }

        Task idle = term.CloseAsync();
        try
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            LogMessages.ListenerFailed(_logger, name, fault);
        }

        Tell(term, reason);
        await idle.ConfigureAwait(false);
    }

    private void Tell(LeaderTerm term, LeadershipChange change)
    {
        try
        {
            Changed?.Invoke(this, new LeadershipChangedEventArgs(term, change));
        }
        catch (Exception fault)
        {
            LogMessages.ListenerFailed(_logger, PrintableText.OfName(Name), fault);
        }
    }

    // Random, so that instances which lost together do not return together.
    private async Task PauseAsync(CancellationToken stoppingToken)
    {
        TimeSpan delay = _mutex.Options.Delay < _shortestPause ? _shortestPause : _mutex.Options.Delay;
        await Task.Delay(delay * (0.5 + Random.Shared.NextDouble()), stoppingToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
