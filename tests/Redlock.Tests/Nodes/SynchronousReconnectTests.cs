using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

// Synchronous callers over one node read for themselves; a node must dial again however fast they come.
public sealed class SynchronousReconnectTests
{
    private static readonly MutexOptions _once = MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(5) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Wire.Tcp, 0)]
    [InlineData(Wire.Tcp, 2)]
    [InlineData(Wire.Unix, 0)]
    [InlineData(Wire.Unix, 2)]
    public async Task A_killed_connection_is_made_anew_under_callers_that_go_on(Wire wire, int pauseMilliseconds)
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory locks = RedlockFactory.Create(wire == Wire.Unix ? servers[0].UnixEndpoint : servers[0].Endpoint);
        await Inspection.AllConnectedAsync(locks);
        RespNode node = Assert.IsType<RespNode>(Assert.Single(locks.Nodes));
        await using RespNode other = RespNode.Connect(servers[0].Endpoint);
        await other.WaitUntilConnectedAsync(Cancellation);
        using SynchronousCallers callers = new(locks, _once, threads: 4, TimeSpan.FromMilliseconds(pauseMilliseconds));
        for (int kill = 1; kill <= 3; kill++)
        {
            await callers.GoOnAsync();
            await other.SendAsync("CLIENT", "KILL", "TYPE", "normal");
            await Eventually.Holds(() => node.Reconnects >= kill);
        }

        await callers.GoOnAsync();
    }

    [Fact]
    public async Task A_restarted_server_is_dialed_under_callers_that_go_on()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory locks = await servers.ConnectAllAsync();
        using SynchronousCallers callers = new(locks, _once, threads: 2, TimeSpan.Zero);
        await callers.GoOnAsync();
        await servers[0].RestartAsync(NodeData.Lose, Cancellation);
        await callers.GoOnAsync();
    }

    [Fact]
    public async Task A_renewed_lock_outlives_a_kill_beside_callers_that_go_on()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory locks = await servers.ConnectAllAsync();
        RespNode node = Assert.IsType<RespNode>(Assert.Single(locks.Nodes));
        await using RespNode other = RespNode.Connect(servers[0].Endpoint);
        await other.WaitUntilConnectedAsync(Cancellation);
        RenewOptions renew = RenewOptions.Every(1.0 / 3, TimeSpan.FromMinutes(10));
        await using LockHandle held = await locks.CreateMutex("kept", _once with { Renew = renew }).LockAsync(Cancellation);
        using SynchronousCallers callers = new(locks, _once, threads: 2, TimeSpan.FromMilliseconds(5));
        await callers.GoOnAsync();
        await other.SendAsync("CLIENT", "KILL", "TYPE", "normal");
        await Eventually.Holds(() => node.Reconnects == 1);
        TimeSpan atFirst = held.Remaining;
        await Eventually.Holds(() => held.Remaining > atFirst);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    /// <summary>Threads that take and release names of their own, with a pause of at most 20 ms, until they are disposed.</summary>
    private sealed class SynchronousCallers : IDisposable
    {
        private readonly List<Thread> _threads = [];
        private volatile bool _stopped;
        private long _cycles;

        public SynchronousCallers(RedlockFactory locks, MutexOptions options, int threads, TimeSpan pause)
        {
            for (int index = 0; index < threads; index++)
            {
                RedlockMutex mutex = locks.CreateMutex($"caller-{index}", options);
                Thread thread = new(() => Run(mutex, pause)) { IsBackground = true };
                thread.Start();
                _threads.Add(thread);
            }
        }

        /// <summary>Completes when the callers have taken some more locks than by now.</summary>
        public async Task GoOnAsync()
        {
            long goal = Interlocked.Read(ref _cycles) + 50;
            await Eventually.Holds(() => Interlocked.Read(ref _cycles) >= goal);
        }

        public void Dispose()
        {
            _stopped = true;
            foreach (Thread thread in _threads)
            {
                thread.Join();
            }
        }

        private void Run(RedlockMutex mutex, TimeSpan pause)
        {
            while (!_stopped)
            {
                LockResult taken = mutex.TryLock(CancellationToken.None);
                if (taken.IsAcquired && mutex.Unlock(taken.Token, CancellationToken.None) == UnlockStatus.Released)
                {
                    Interlocked.Increment(ref _cycles);
                }

                Thread.Sleep(pause);
            }
        }
    }
}
