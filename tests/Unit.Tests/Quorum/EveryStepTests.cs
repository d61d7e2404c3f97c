namespace Redlock.Fast.Unit.Tests;

/// <summary>What ends a call before the nodes do.</summary>
public enum Interruption
{
    Cancellation = 0,
    Disposal,
}

/// <summary>A call of the library.</summary>
public enum LockCall
{
    TryLock = 0,
    Lock,
    WithLock,
    Extend,
    Unlock,
}

// Each call is cut off before its first step, after each one, and after its last; then the nodes do what is left to do.
public class EveryStepTests
{
    private const string Key = "door";
    private const string Someone = "someone";

    // Far above what any call here takes, so that one which never ends is seen.
    private const int MostSteps = 200;

    private static readonly TimeSpan _delay = TimeSpan.FromSeconds(1);

    public static TheoryData<LockCall, Interruption, int, StepOrder> All
    {
        get
        {
            TheoryData<LockCall, Interruption, int, StepOrder> all = [];
            foreach (LockCall call in Enum.GetValues<LockCall>())
            {
                foreach (Interruption interruption in Enum.GetValues<Interruption>())
                {
                    foreach (int nodes in (int[])[1, 3, 5])
                    {
                        foreach (StepOrder order in Enum.GetValues<StepOrder>())
                        {
                            all.Add(call, interruption, nodes, order);
                        }
                    }
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Cut_off_at_any_step_it_ends_and_leaves_no_key(LockCall call, Interruption interruption, int nodes, StepOrder order)
    {
        for (int held = 0; held <= nodes; held++)
        {
            int steps = 0;
            while (await IsCutOffAsync(call, interruption, nodes, order, held, steps))
            {
                steps++;
                Assert.True(steps < MostSteps, $"With {held} nodes held by somebody it did not end within {MostSteps} steps.");
            }

            Assert.True(steps > 0, "It had ended before its first step, so nothing was cut off.");
        }
    }

    /// <summary>Interrupts a call after so many steps.</summary>
    /// <returns>Whether it was still under way.</returns>
    private static async Task<bool> IsCutOffAsync(LockCall call, Interruption interruption, int nodes, StepOrder order, int held, int steps)
    {
        using SteppedQuorum quorum = new(nodes, order);
        using CancellationTokenSource cancellation = new();
        RedlockMutex mutex = quorum.Mutex(new MutexOptions { Tries = 3, DelayFunction = _ => _delay });
        LockToken token = call is LockCall.Extend or LockCall.Unlock ? await TakeAsync(quorum, mutex) : default;
        for (int node = 0; node < held; node++)
        {
            quorum.Hold(node, Key, Someone);
        }

        Task<LockToken> pending = StartAsync(call, mutex, token, cancellation.Token);
        for (int step = 0; step < steps; step++)
        {
            Step(quorum);
        }

        bool isCutOff = !pending.IsCompleted;
        if (interruption == Interruption.Cancellation)
        {
            await cancellation.CancelAsync();
        }
        else
        {
            quorum.Factory.Dispose();
        }

        string when = $"{call}, {interruption} after {steps} steps, {held} of {nodes} nodes held by somebody, {order}";
        await StepUntilEndedAsync(quorum, pending, when);
        LockToken left = await EndAsync(pending, when);
        if (!left.IsDefault && interruption == Interruption.Cancellation)
        {
            await StepUntilEndedAsync(quorum, mutex.UnlockAsync(left, CancellationToken.None).AsTask(), when);
            left = default;
        }

        // After a disposal nothing more can be asked for: what was held, also while an action ran, runs out.
        bool runsOut = interruption == Interruption.Disposal && call is LockCall.WithLock;
        Assert.True(runsOut || !left.IsDefault || !quorum.IsHeldBySomebodyElse(Key, Someone), $"{when}: a key is left.");
        return isCutOff;
    }

    /// <summary>Whoever cancels or disposes runs nobody's code: the call ends through the pool.</summary>
    private static async Task StepUntilEndedAsync(SteppedQuorum quorum, Task pending, string when)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!pending.IsCompleted)
        {
            quorum.StepToTheEnd();
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Eventually.Patience, $"{when}: it hangs.");
            await Task.Yield();
        }

        quorum.StepToTheEnd();
    }

    private static void Step(SteppedQuorum quorum)
    {
        if (!quorum.TryStep())
        {
            // It waits for its next try; then the name is free.
            quorum.Forget(Key, Someone);
            quorum.Advance(_delay);
        }
    }

    private static async Task<LockToken> TakeAsync(SteppedQuorum quorum, RedlockMutex mutex)
    {
        ValueTask<LockResult> pending = mutex.TryLockAsync(CancellationToken.None);
        quorum.StepToTheEnd();
        LockToken token = (await pending).Token;
        Assert.False(token.IsDefault);
        return token;
    }

    /// <summary>Gives what the caller holds in the end. Goes on where the reply is given, not in the context of the test.</summary>
    private static async Task<LockToken> StartAsync(LockCall call, RedlockMutex mutex, LockToken token, CancellationToken cancellation)
    {
        switch (call)
        {
            case LockCall.TryLock:
                return (await mutex.TryLockAsync(cancellation).ConfigureAwait(false)).Token;
            case LockCall.Lock:
                return (await mutex.LockAsync(cancellation).ConfigureAwait(false)).Token;
            case LockCall.WithLock:
                await mutex.WithLockAsync(_ => Task.CompletedTask, cancellation).ConfigureAwait(false);
                return default;
            case LockCall.Extend:
                try
                {
                    return (await mutex.ExtendAsync(token, cancellation).ConfigureAwait(false)).Token is { IsDefault: false } extended
                        ? extended : token;
                }
                catch (OperationCanceledException)
                {
                    return token;
                }

            default:
                await mutex.UnlockAsync(token, cancellation).ConfigureAwait(false);
                return default;
        }
    }

    private static async Task<LockToken> EndAsync(Task<LockToken> pending, string when)
    {
        try
        {
            return await pending;
        }
        catch (Exception end) when (end is OperationCanceledException or LockFailedException)
        {
            return default;
        }
        catch (ObjectDisposedException) when (when.Contains(nameof(Interruption.Disposal), StringComparison.Ordinal))
        {
            return default;
        }
    }
}
