using System.Diagnostics;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class TraceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acquire_extend_and_release_are_spans_below_the_callers()
    {
        using SpanLog log = new();
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        Assert.Same(log.Caller, Activity.Current);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        Assert.Same(log.Caller, Activity.Current);
        quorum.ReplyAll(ScriptedQuorum.Done);
        await extending;
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.Done);
        await releasing;
        Assert.Same(log.Caller, Activity.Current);
        Assert.Equal(["acquire", "extend", "release"], log.Stopped.Select(activity => activity.OperationName));
        Assert.All(log.Stopped, activity =>
        {
            Assert.Equal(ActivityKind.Client, activity.Kind);
            Assert.Equal(log.Caller.SpanId, activity.ParentSpanId);
            Assert.Equal("redis", activity.GetTagItem("db.system.name"));
            Assert.Equal("door", activity.GetTagItem("redlock.name"));
            Assert.Equal(ActivityStatusCode.Unset, activity.Status);
        });
        Assert.Equal(["Acquired", "Extended", "Released"], log.Stopped.Select(activity => activity.GetTagItem("redlock.status")));
        Assert.Equal(["SET", "EVALSHA", "EVALSHA"], log.Stopped.Select(activity => activity.GetTagItem("db.operation.name")));
        Assert.Equal(["acquire", "extend", "release"], log.Stopped.Select(activity => activity.GetTagItem("db.query.summary")));
        Assert.Equal(
            [null, RedlockScripts.Extend.Sha1, RedlockScripts.Release.Sha1],
            log.Stopped.Select(activity => activity.GetTagItem("db.stored_procedure.name")));
    }

    [Theory]
    [InlineData(ScriptedQuorum.Nil, ActivityStatusCode.Unset)]
    [InlineData("-LOADING wait\r\n", ActivityStatusCode.Error)]
    public async Task An_outage_is_an_error_and_contention_is_none(string reply, ActivityStatusCode expected)
    {
        using SpanLog log = new();
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.ReplyAllAt(0, reply);
        await pending;
        Activity span = Assert.Single(log.Stopped);
        Assert.Equal(expected, span.Status);
        Assert.Equal(expected == ActivityStatusCode.Error ? "Unavailable" : null, span.GetTagItem("error.type"));
        Assert.Equal(1, span.GetTagItem("redlock.tries"));
        Assert.Equal(2, span.GetTagItem("redlock.quorum"));
    }

    [Fact]
    public async Task A_cancelled_call_is_no_error()
    {
        using SpanLog log = new();
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        await AssertCancelledAsync(token => mutex.TryLockAsync(token).AsTask());
        await AssertCancelledAsync(token => mutex.ExtendAsync(held, token).AsTask());
        await AssertCancelledAsync(token => mutex.UnlockAsync(held, token).AsTask());
        Assert.Equal(["acquire", "acquire", "extend", "release"], log.Stopped.Select(span => span.OperationName));
        Assert.All(log.Stopped.Skip(1), span =>
        {
            Assert.Equal("Cancelled", span.GetTagItem("redlock.status"));
            Assert.Equal(ActivityStatusCode.Unset, span.Status);
            Assert.Null(span.GetTagItem("error.type"));
        });
    }

    [Fact]
    public async Task A_delay_function_that_throws_is_the_error()
    {
        using SpanLog log = new();
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { DelayFunction = _ => throw new InvalidTimeZoneException() });
        ValueTask<LockHandle> locking = mutex.LockAsync(Token);
        quorum.ReplyAllAt(0, ScriptedQuorum.Nil);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await locking);
        Activity span = Assert.Single(log.Stopped);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal(typeof(InvalidTimeZoneException).FullName, span.GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_renewal_is_no_trace_of_its_own()
    {
        using ScriptedQuorum quorum = new(3);
        string name = Inspection.NewName();
        RedlockMutex mutex = quorum.Factory.CreateMutex(
            name, MutexOptions.NonBlocking with { Renew = KeptQuorum.Always, Continuation = ContinuationMode.Inline });
        LockHandle held = await quorum.TakeAsync(mutex);

        // Every span, whatever it belongs to: a renewal belongs to nothing.
        int spans = 0;
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == RedlockTelemetry.ActivitySourceName,
            Sample = (ref options) =>
            {
                if (options.Tags!.Any(tag => Equals(tag.Value, name)))
                {
                    spans++;
                }

                return ActivitySamplingResult.AllDataAndRecorded;
            },
        };
        ActivitySource.AddActivityListener(listener);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        Assert.Equal(1, quorum.Extensions());
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(0, spans);
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.Done);
        await releasing;
        Assert.Equal(1, spans);
    }

    [Fact]
    public async Task A_synchronous_call_is_a_span_too_and_tells_its_tries()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory factory = RedlockFactory.Create(node.Endpoint);
        await factory.WaitUntilConnectedAsync(Token);
        using SpanLog log = new();
        using LockHandle held = factory.PatientMutex("door").Lock(Token);
        RedlockMutex second = factory.PatientMutex("door", MutexOptions.Blocking with { Tries = 2, Delay = TimeSpan.FromMilliseconds(1) });
        Assert.Throws<LockFailedException>(() => second.Lock(Token));
        Assert.Equal(["Acquired", "Contended"], log.Stopped.Select(span => span.GetTagItem("redlock.status")));
        Assert.Equal([1, 2], log.Stopped.Select(span => span.GetTagItem("redlock.tries")));
        Assert.Equal(1, log.Stopped[1].GetTagItem("redlock.quorum"));
    }

    private static async Task AssertCancelledAsync(Func<CancellationToken, Task> call)
    {
        using CancellationTokenSource cancellation = new();
        Task calling = call(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
    }
}
