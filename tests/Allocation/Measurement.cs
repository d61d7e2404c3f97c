using System.Diagnostics;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Allocation;

/// <summary>Counts every byte that the whole process allocates over many cycles that really suspend.</summary>
internal static class Measurement
{
    private const int MaxWindows = 3;
    private const int CyclesBehindASlowNode = 1000;

    // Leaves more extensions at once than any scenario has workers.
    private const int ReleasesAnExtension = 16;

    private static readonly TimeSpan _windowLimit = TimeSpan.FromMinutes(4);

    private static readonly TempRedisOptions _scriptless = new()
    {
        Configuration = ["user default on nopass ~* &* +@all -eval -evalsha -script"],
    };

    /// <summary>Whether the server has what stands in for scripts.</summary>
    public static async Task<bool> HasSubstitutesAsync()
    {
        await using TempRedis server = await TempRedis.StartAsync();
        using RespNode node = RespNode.Connect(server.Endpoint);
        return !(await node.SendAsync("DELIFEQ", "nobody's", "x")).IsError
            || !(await node.SendAsync("DELEX", "nobody's", "IFEQ", "x")).IsError;
    }

    public static async Task<long> RunAsync(Scenario scenario, Sabotage sabotage)
    {
        List<TempRedis> servers = [];
        try
        {
            for (int started = 0; started < scenario.Nodes; started++)
            {
                servers.Add(await TempRedis.StartAsync(scenario.Situation == Situation.Scriptless ? _scriptless : null));
            }

            // Long enough that no node is given up, or dialled anew, in the middle of the measurement.
            TimeSpan never = TimeSpan.FromMinutes(10);
            RespNodeOptions node = new() { SilenceLimit = never, ReconnectDelay = never, MaxReconnectDelay = never };
            using Listening? listening = scenario.Situation == Situation.Measured ? new Listening() : null;
            RedlockOptions options = new() { Node = node, Observer = listening };
            await using RedlockFactory factory = RedlockFactory.Create(options, servers.Select(server => server.Endpoint));
            await factory.WaitUntilConnectedAsync();
            await FillQueuesAsync(factory, servers);
            if (scenario.Situation != Situation.WaitingWoken)
            {
                return await CountAsync(scenario, sabotage, [factory], servers);
            }

            await using RedlockFactory other = RedlockFactory.Create(options, servers.Select(server => server.Endpoint));
            await other.WaitUntilConnectedAsync();
            await FillQueuesAsync(other, servers);
            return await CountAsync(scenario, sabotage, [factory, other], servers);
        }
        finally
        {
            foreach (TempRedis server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Drives every queue to its limit once, so that none has to grow later: a slow moment of one node is then nothing new.
    /// </summary>
    private static async Task FillQueuesAsync(RedlockFactory factory, List<TempRedis> servers)
    {
        MutexOptions patient = MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromSeconds(60),
            NodeTimeLimit = TimeSpan.FromSeconds(20),
        };
        foreach (TempRedis server in servers)
        {
            server.Pause();
        }

        // The ordinary room by count and by bytes, and all of the reserve above it.
        RespQueueLimits limits = RespQueueLimits.Default;
        string name = new('x', limits.OrdinaryBytes / limits.OrdinaryRequests);
        List<Task> attempts = [];
        for (int attempt = 0; attempt < limits.OrdinaryRequests; attempt++)
        {
            attempts.Add(factory.CreateMutex(name + attempt, patient).TryLockAsync().AsTask());
        }

        RedlockMutex nobodys = factory.CreateMutex(name, patient);
        for (int release = limits.OrdinaryRequests; release < limits.AllRequests; release++)
        {
            LockToken token = new(Guid.NewGuid().ToByteArray());
            attempts.Add(release % ReleasesAnExtension == 0 ? nobodys.ExtendAsync(token).AsTask() : nobodys.UnlockAsync(token).AsTask());
        }

        foreach (TempRedis server in servers)
        {
            server.Resume();
        }

        await Task.WhenAll(attempts);

        // These have their answers from a quorum: the queue of the last node may still be full.
        while (factory.Nodes.Any(node => ((RespNode)node).Pending > 0))
        {
            await Task.Delay(1);
        }
    }

    private static async Task<long> CountAsync(Scenario scenario, Sabotage sabotage, RedlockFactory[] factories, List<TempRedis> servers)
    {
        RedlockFactory factory = factories[0];
        TimeSpan nodeLimit = scenario.Situation == Situation.TimedOut ? TimeSpan.FromMilliseconds(5) : TimeSpan.FromSeconds(1);
        MutexOptions options = MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(5), NodeTimeLimit = nodeLimit };
        if (scenario.Situation == Situation.Renewed)
        {
            // Every 3 ms.
            options = options with { Renew = RenewOptions.Every(0.00001, Timeout.InfiniteTimeSpan) };
        }

        if (Scenario.IsFenced(scenario.Situation))
        {
            // All nodes, or a quorum of those that agree is there as often as not.
            options = options with { Fenced = true, Quorum = scenario.Situation == Situation.FencedRaised ? scenario.Nodes : null };
        }

        if (scenario.Situation is Situation.Posted or Situation.PostedSynchronous)
        {
            options = options with { Release = ReleaseMode.Posted };
        }

        if (scenario.Situation is Situation.WaitingInLine)
        {
            options = options with { Delay = TimeSpan.FromMilliseconds(2) };
        }
        else if (Scenario.IsWaiting(scenario.Situation))
        {
            // So long that who is not woken, or told that its time is over, takes no part.
            options = options with { Delay = TimeSpan.FromMinutes(5) };
        }

        int names = Scenario.IsWaiting(scenario.Situation) ? 1 : scenario.InFlight;
        using CancellationTokenSource cancellable = new();
        Worker[] workers = new Worker[scenario.InFlight];
        for (int index = 0; index < workers.Length; index++)
        {
            RedlockMutex mutex = factories[index % factories.Length].CreateMutex($"name-{index % names}", options);
            workers[index] = new Worker(mutex, scenario.Situation, sabotage, cancellable.Token);
        }

        if (scenario.Situation is Situation.Contended or Situation.WaitingInLine or Situation.WaitingTimedOut)
        {
            await using RedlockFactory other = RedlockFactory.Create(servers.Select(server => server.Endpoint));
            for (int index = 0; index < names; index++)
            {
                (await other.CreateMutex($"name-{index}", MutexOptions.NonBlocking with { Expiry = options.Expiry }).LockAsync())
                    .ToString();
            }
        }

        if (scenario.Situation == Situation.OneNodeStalled)
        {
            servers[^1].Pause();
        }

        if (scenario.Situation == Situation.OneNodeDead)
        {
            servers[^1].Kill();
        }

        List<LockHandle> held = [];
        for (int index = 0; scenario.Situation == Situation.Renewed && index < scenario.InFlight; index++)
        {
            held.Add(await factory.CreateMutex($"held-{index}", options).LockAsync());
        }

        await HoldAtOnceAsync(held.Count, factory, options);

        using Nemesis? nemesis = scenario.Situation == Situation.TimedOut ? Nemesis.StopAndGo(servers)
            : scenario.Situation == Situation.FencedRaised ? Nemesis.Count(servers, "{name-0}:fence")
            : null;
        if (scenario.Situation == Situation.WaitingInLine)
        {
            // What a mutex asks with at the head of a line is made with its first turn there, which comes late in a long line.
            foreach (Worker worker in workers)
            {
                await worker.WaitOnceAsync();
            }
        }

        Task running = Task.WhenAll(workers.Select(worker => Task.Run(worker.RunAsync)));

        // Warm-up: tiers of the compiler, pools and queues settle.
        WaitForCycles(workers, Math.Min(scenario.Cycles, 30_000), running);
        if (scenario.Situation is Situation.WaitingSucceeded or Situation.WaitingFenced && scenario.Nodes > 1)
        {
            // What passes the replies on stays out until the last node has answered: so that a slow moment of one is nothing new.
            servers[^1].Pause();
            WaitForCycles(workers, CyclesBehindASlowNode, running);
            servers[^1].Resume();
            WaitForCycles(workers, CyclesBehindASlowNode, running);
        }

        // The runtime itself allocates now and then, once and for all: a compiler tier's literals, a queue of the pool that grows.
        // A cycle that allocates shows in every window of this length; such a thing shows in one.
        long bytes = long.MaxValue;
        for (int window = 0; window < MaxWindows && bytes != 0; window++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            WaitForCycles(workers, scenario.Cycles, running);
            bytes = Math.Min(bytes, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        foreach (Worker worker in workers)
        {
            worker.Stop();
        }

        await running;
        foreach (LockHandle handle in held)
        {
            TimeProvider time = factory.Nodes[0].TimeProvider;
            TimeSpan unrenewed = time.GetElapsedTime(time.GetTimestamp(), handle.Token.DeadlineTicks);
            if (handle.Remaining <= unrenewed)
            {
                throw new InvalidOperationException($"{scenario.Name}: a held lock was never renewed, so nothing was measured.");
            }

            await handle.DisposeAsync();
        }

        if (!workers.Any(worker => worker.SawSituation))
        {
            throw new InvalidOperationException($"{scenario.Name}: the situation never came up, so nothing was measured.");
        }

        return bytes;
    }

    /// <summary>Holds as many locks at once as the workers may at one moment, so that such a moment is nothing new.</summary>
    private static async Task HoldAtOnceAsync(int count, RedlockFactory factory, MutexOptions options)
    {
        List<LockHandle> held = [];
        for (int index = 0; index < count; index++)
        {
            held.Add(await factory.CreateMutex($"once-{index}", options).LockAsync());
        }

        foreach (LockHandle handle in held)
        {
            await handle.DisposeAsync();
        }
    }

    private static void WaitForCycles(Worker[] workers, long cycles, Task running)
    {
        long target = Total(workers) + cycles;
        long start = Stopwatch.GetTimestamp();
        while (Total(workers) < target)
        {
            Thread.Sleep(1);
            if (running.IsCompleted)
            {
                // Nobody ends before he is told to, unless something is wrong.
                running.GetAwaiter().GetResult();
            }

            if (Stopwatch.GetElapsedTime(start) > _windowLimit)
            {
                long missing = target - Total(workers);
                throw new TimeoutException(
                    $"After {_windowLimit.TotalSeconds} s {missing} of {cycles} cycles are missing: who waits is not woken.");
            }
        }
    }

    private static long Total(Worker[] workers)
    {
        long total = 0;
        foreach (Worker worker in workers)
        {
            total += worker.Cycles;
        }

        return total;
    }
}
