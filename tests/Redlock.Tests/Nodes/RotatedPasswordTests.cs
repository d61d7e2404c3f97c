using System.Collections.Concurrent;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Passwords that change every two seconds cost no lock that is renewed, whatever becomes of those who had the old ones.</summary>
public sealed class RotatedPasswordTests
{
    private const string User = "worker";
    private const string Administrator = "s3cret-of-the-administrator";
    private const int Locks = 100;

    // Set to run the tests for longer.
    private const string SecondsVariable = "REDLOCK_TEST_ROTATION_SECONDS";

    private static readonly TimeSpan _life = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TimeSpan Length => TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable(SecondsVariable), out int seconds) ? seconds : 6);

    /// <summary>What becomes of a connection that has outlived its password.</summary>
    public enum Outlived
    {
        /// <summary>Nothing: so Redis does.</summary>
        Stays = 0,

        /// <summary>It is cut, as managed services do.</summary>
        IsCut,
    }

    [Theory]
    [InlineData(3, Outlived.Stays)]
    [InlineData(1, Outlived.IsCut)]
    [InlineData(3, Outlived.IsCut)]
    [Trait("Waits", "long")]
    public async Task A_hundred_renewed_locks_outlive_every_password(int nodes, Outlived outlived)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes, new TempRedisOptions { Password = Administrator });
        RespNode[] administrators = [.. Enumerable.Range(0, nodes).Select(node => AdministratorOf(servers[node]))];
        RotatedPassword password = new(administrators, outlived);
        await password.RotateAsync();
        await using RedlockFactory factory = RedlockFactory.Create(
            new RedlockOptions { Node = new RespNodeOptions { Credentials = password.GiveAsync } },
            [.. Enumerable.Range(0, nodes).Select(node => node == 0 ? servers[node].UnixEndpoint : servers[node].Endpoint)]);
        await Inspection.AllConnectedAsync(factory);

        // Beside them the same number with a login that never changes: a machine that stands still for long costs these too.
        await using RedlockFactory control = RedlockFactory.Create(
            new RedlockOptions { Node = new RespNodeOptions { Password = Administrator } },
            [.. Enumerable.Range(0, nodes).Select(node => servers[node].Endpoint)]);
        await Inspection.AllConnectedAsync(control);
        ConcurrentQueue<string> losses = new();
        ConcurrentQueue<string> troubles = new();
        factory.LockLost += (_, loss) => losses.Enqueue($"{loss.Name}: {loss.Reason}");
        control.LockLost += (_, loss) => losses.Enqueue($"control {loss.Name}: {loss.Reason}");
        for (int node = 0; node < nodes; node++)
        {
            factory.Node(node).CredentialsNotRenewed += (_, text) => troubles.Enqueue(text);
        }

        List<LockHandle> held = [];
        for (int number = 0; number < 2 * Locks; number++)
        {
            RedlockMutex mutex = (number < Locks ? factory : control).CreateMutex($"door:{number}", MutexOptions.Blocking with
            {
                Expiry = TimeSpan.FromSeconds(8),
                Renew = RenewOptions.Every(0.25, Timeout.InfiniteTimeSpan),
            });
            held.Add(number % 2 == 0 ? await mutex.LockAsync(Token) : mutex.Lock(Token));
        }

        // Others come and go meanwhile, and wait for each other, so that there are subscribers.
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<int>[] busy =
        [
            CycleAsync(factory, end.Token), CycleAsync(factory, end.Token),
            Task.Factory.StartNew(
                () => Cycle(factory, end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
        ];
        long start = TimeProvider.System.GetTimestamp();
        int rotations = 0;
        while (TimeProvider.System.GetElapsedTime(start) < Length)
        {
            await Task.Delay(_life, Token);
            await password.RotateAsync();
            rotations++;
        }

        await end.CancelAsync();
        int[] cycles = await Task.WhenAll(busy);
        Assert.True(
            losses.IsEmpty,
            string.Join('\n', (string[])[.. losses, .. troubles, .. factory.Nodes.Select(static node => $"{node}: {ErrorOf(node)}")]));
        Assert.All(held, static handle => Assert.True(handle.IsHeld && !handle.Lost.IsCancellationRequested));
        Assert.All(cycles, static count => Assert.True(count > 0, "Nobody could lock meanwhile."));
        long reconnects = Enumerable.Range(0, nodes).Sum(node => factory.Node(node).Reconnects);
        Assert.True(rotations >= 3 && password.Asked > rotations, "The passwords changed.");
        Assert.Equal(outlived == Outlived.IsCut, reconnects > 0);
        Assert.All(troubles, static text => Assert.DoesNotContain("password-", text, StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{rotations} rotations, {password.Asked} calls, {reconnects} reconnects, {troubles.Count} renewals tried again, "
                + $"{cycles.Sum()} locks taken and released, 0 of {Locks} lost");
        foreach (LockHandle handle in held)
        {
            await handle.DisposeAsync();
        }

        foreach (RespNode administrator in administrators)
        {
            administrator.Dispose();
        }
    }

    private static string? ErrorOf(RespChannel node) => ((RespNode)node).LastError;

    private static RespNode AdministratorOf(TempRedis server) =>
        RespNode.Connect(server.Endpoint, new RespNodeOptions { Password = Administrator });

    private static async Task<int> CycleAsync(RedlockFactory factory, CancellationToken end)
    {
        RedlockMutex mutex = factory.CreateMutex("shared", MutexOptions.Blocking with { Tries = int.MaxValue });
        int count = 0;
        while (!end.IsCancellationRequested)
        {
            try
            {
                await using LockHandle handle = await mutex.LockAsync(end);
                await Task.Delay(1, end);
                count++;
            }
            catch (OperationCanceledException)
            {
            }
        }

        return count;
    }

    private static int Cycle(RedlockFactory factory, CancellationToken end)
    {
        RedlockMutex mutex = factory.CreateMutex("shared", MutexOptions.Blocking with { Tries = int.MaxValue });
        int count = 0;
        while (!end.IsCancellationRequested)
        {
            try
            {
                using LockHandle handle = mutex.Lock(end);
                count++;
            }
            catch (OperationCanceledException)
            {
            }
        }

        return count;
    }

    // One user on all servers: each rotation brings a password, and revokes the one before the last.
    private sealed class RotatedPassword(RespNode[] administrators, Outlived outlived)
    {
        private readonly Lock _gate = new();
        private string _current = "none";
        private string? _last;
        private DateTimeOffset _end;
        private int _number;
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<RespCredentials> GiveAsync(string node, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            lock (_gate)
            {
                return ValueTask.FromResult(new RespCredentials(User, _current, _end));
            }
        }

        public async Task RotateAsync()
        {
            string next = $"password-{++_number}";
            await SetAsync("on", $">{next}", "~*", "&*", "+@all");
            string? revoked;
            lock (_gate)
            {
                (revoked, _last, _current) = (_last, _number == 1 ? null : _current, next);

                // Beyond the next rotation, as tokens overlap.
                _end = TimeProvider.System.GetUtcNow() + (_life * 1.5);
            }

            if (revoked is not null)
            {
                await SetAsync($"<{revoked}");
            }

            if (outlived == Outlived.IsCut && _number > 1)
            {
                // One server at a time, as a service does that is kept in repair; those that were renewed since are cut as well.
                await administrators[_number % administrators.Length].SendAsync("CLIENT", "KILL", "USER", User);
            }
        }

        private async Task SetAsync(params string[] rules)
        {
            foreach (RespNode administrator in administrators)
            {
                await Eventually.Connected(administrator);
                Assert.Equal("OK", (await administrator.SendAsync(["ACL", "SETUSER", User, .. rules])).AsString());
            }
        }
    }
}
