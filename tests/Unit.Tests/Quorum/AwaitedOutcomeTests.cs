using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

[Collection(nameof(ListeningAlone))]
public class AwaitedOutcomeTests
{
    private static readonly LockToken _someone = LockToken.Parse("AQIDBAUGBwgJCgsMDQ4PEA==");

    public enum Operation
    {
        TryLock,
        Lock,
        Extend,
        Unlock,
        WithLock,
    }

    public static TheoryData<Operation, bool> Calls => new(
        from call in Enum.GetValues<Operation>()
        from takenLate in (bool[])[false, true]

        // WithLock gives a task of its own from the beginning.
        where !(takenLate && call == Operation.WithLock)
        select (call, takenLate));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_cancelled_call_is_a_cancelled_task_with_the_caller_s_token(Operation call, bool takenLate)
    {
        using ScriptedQuorum quorum = new(3);
        using CancellationTokenSource cancellation = new();
        Task task;
        if (takenLate)
        {
            Func<Task> take = BeginAndTakeLater(quorum.Mutex(), call, cancellation.Token);
            await cancellation.CancelAsync();
            task = take();
        }
        else
        {
            task = BeginAndTakeLater(quorum.Mutex(), call, cancellation.Token)();
            Assert.False(task.IsCompleted);
            await cancellation.CancelAsync();
        }

        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.SoonAsync());
        Assert.True(task.IsCanceled);
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
    }

    [Fact]
    public async Task A_cancelled_call_that_nobody_looks_at_is_no_unobserved_exception()
    {
        string mark = $"{Guid.NewGuid():N}";
        List<Exception> unobserved = [];
        void Note(object? sender, UnobservedTaskExceptionEventArgs told)
        {
            if (told.Exception.Flatten().InnerExceptions.Any(
                one => one is OperationCanceledException || one.Message.Contains(mark, StringComparison.Ordinal)))
            {
                lock (unobserved)
                {
                    unobserved.Add(told.Exception);
                }
            }
        }

        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            using ScriptedQuorum quorum = new(3);
            using CancellationTokenSource cancellation = new();
            foreach (Operation call in Enum.GetValues<Operation>())
            {
                Drop(quorum, call, cancellation.Token);
            }

            // A callback of a loss that throws is nobody's task either.
            LockHandle held = await quorum.TakeAsync(quorum.Mutex());
            using CancellationTokenRegistration registration = held.Lost.Register(() => throw new InvalidOperationException(mark));
            quorum.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.True(held.Lost.IsCancellationRequested);
            await cancellation.CancelAsync();
            for (int turn = 0; turn < 20; turn++)
            {
                await Task.Delay(10, Token);
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }

        Assert.Empty(unobserved);

        static void Drop(ScriptedQuorum quorum, Operation call, CancellationToken token) =>
            _ = BeginAndTakeLater(quorum.Mutex(), call, token)();
    }

    [Fact]
    public async Task What_has_been_decided_stands_though_it_is_cancelled_before_it_is_taken()
    {
        using ScriptedQuorum quorum = new(3);
        using CancellationTokenSource cancellation = new();
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(cancellation.Token);
        quorum.ReplyAllAt(0, ScriptedQuorum.Nil);
        await cancellation.CancelAsync();
        Assert.True(pending.IsCompletedSuccessfully);
        Assert.Equal(LockStatus.Contended, (await pending).Status);
    }

    [Fact]
    public async Task A_lock_that_failed_is_a_faulted_task_and_one_that_was_tried_is_not()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockHandle> locking = quorum.Mutex().LockAsync(Token);
        quorum.ReplyAllAt(0, ScriptedQuorum.Nil);
        Assert.True(locking.IsFaulted);
        Task<LockHandle> failed = locking.AsTask();
        Assert.True(failed.IsFaulted);
        await Assert.ThrowsAsync<LockFailedException>(() => failed);

        ValueTask<LockResult> trying = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Nil);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Nil);
        Assert.True(trying.IsCompletedSuccessfully);
        Assert.Equal(LockStatus.Contended, (await trying).Status);
    }

    [Fact]
    public async Task A_second_await_says_what_is_wrong_and_leaves_the_first_one_alone()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
#pragma warning disable CA2012 // The misuse is what is tested.
        Task<LockResult> first = AwaitAsync(pending);
        InvalidOperationException early = await Assert.ThrowsAsync<InvalidOperationException>(() => AwaitAsync(pending));
        Assert.Contains("awaited before", early.Message, StringComparison.Ordinal);
        InvalidOperationException asked = Assert.Throws<InvalidOperationException>(() => pending.Result);
        Assert.Contains("has not ended yet", asked.Message, StringComparison.Ordinal);
        quorum.ReplyAllAt(0, ScriptedQuorum.Ok);
        Assert.True((await first.SoonAsync()).IsAcquired);
        InvalidOperationException late = await Assert.ThrowsAsync<InvalidOperationException>(() => AwaitAsync(pending));
        Assert.Contains("each may be awaited once", late.Message, StringComparison.Ordinal);
#pragma warning restore CA2012

        static async Task<LockResult> AwaitAsync(ValueTask<LockResult> pending) => await pending;
    }

    [Fact]
    public async Task A_function_under_a_lock_that_its_caller_cancels_ends_by_the_caller_s_token()
    {
        using ScriptedQuorum quorum = new(3);
        using CancellationTokenSource cancellation = new();
        Task<WithLockResult> running =
            quorum.Mutex().WithLockAsync(static token => Task.Delay(Timeout.Infinite, token), cancellation.Token).AsTask();
        quorum.ReplyAll(ScriptedQuorum.Ok);
        await cancellation.CancelAsync();
        await Eventually.Holds(() => quorum.Nodes[0].Sent.Count == 2, "it releases");
        quorum.ReplyAll(ScriptedQuorum.Done);
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.SoonAsync());
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        Assert.True(running.IsCanceled);
        Assert.NotNull(thrown.InnerException);
    }

    [Theory]
    [InlineData(LossReason.DeadlinePassed, "deadline")]
    [InlineData(LossReason.Refused, "no longer holds")]
    public async Task A_function_under_a_lock_that_is_lost_ends_by_the_loss_and_says_why(LossReason reason, string why)
    {
        using ScriptedQuorum quorum = new(3);
        using CancellationTokenSource cancellation = new();
        RedlockMutex mutex = reason == LossReason.Refused ? quorum.KeepingMutex() : quorum.Mutex();
        Task<WithLockResult> running =
            mutex.WithLockAsync(static token => Task.Delay(Timeout.Infinite, token), cancellation.Token).AsTask();
        quorum.ReplyAll(ScriptedQuorum.Ok);
        if (reason == LossReason.Refused)
        {
            quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
            Assert.Equal(1, quorum.Extensions());
            quorum.ReplyAll(ScriptedQuorum.NothingThere);
        }
        else
        {
            quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await Eventually.Holds(() => quorum.Nodes[0].Sent[^1].Arguments[1] == RedlockScripts.Release.Sha1, "it releases");
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        LockLostException lost = await Assert.ThrowsAsync<LockLostException>(() => running.SoonAsync());
        Assert.Equal((mutex.Name, reason), (lost.Name, lost.Reason));
        Assert.Contains(why, lost.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<OperationCanceledException>(lost.InnerException);
        Assert.True(running.IsFaulted);
    }

    private static Func<Task> BeginAndTakeLater(RedlockMutex mutex, Operation call, CancellationToken token)
    {
        switch (call)
        {
            case Operation.TryLock:
                ValueTask<LockResult> trying = mutex.TryLockAsync(token);
                return () => trying.AsTask();
            case Operation.Lock:
                ValueTask<LockHandle> locking = mutex.LockAsync(token);
                return () => locking.AsTask();
            case Operation.Extend:
                ValueTask<ExtendResult> extending = mutex.ExtendAsync(_someone, token);
                return () => extending.AsTask();
            case Operation.Unlock:
                ValueTask<UnlockStatus> unlocking = mutex.UnlockAsync(_someone, token);
                return () => unlocking.AsTask();
            default:
                Task running = mutex.WithLockAsync(static _ => Task.CompletedTask, token).AsTask();
                return () => running;
        }
    }
}
