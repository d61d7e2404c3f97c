using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class ReadTurnTests
{
    private readonly Gate _gate = new();
    private readonly RequestQueue _queue = new(RespQueueLimits.Default, slackTicks: 1);
    private readonly ReadTurn _turn;

    public ReadTurnTests() => _turn = new ReadTurn(_gate, _queue);

    [Fact]
    public void After_the_end_no_caller_gets_the_turn_and_the_thread_returns_though_callers_keep_coming()
    {
        Thread thread = StepAside();
        Assert.True(SpinWait.SpinUntil(_turn.TryTake, Eventually.Patience), "the thread has stepped aside");
        using (_gate.Enter())
        {
            _turn.End();
        }

        _turn.GiveBack();
        long start = Environment.TickCount64;
        do
        {
            Assert.False(_turn.TryTake());
            Assert.True(Environment.TickCount64 - start < Eventually.Patience.TotalMilliseconds, "the thread returns");
        }
        while (!thread.Join(0));
    }

    [Fact]
    public void After_the_end_the_thread_does_not_step_aside()
    {
        Assert.False(_turn.TryTake());
        using (_gate.Enter())
        {
            _turn.End();
        }

        Assert.True(StepAside().Join(Eventually.Patience));
    }

    [Fact]
    public void A_second_caller_that_asks_in_vain_takes_nothing_from_the_first()
    {
        Thread thread = StepAside();
        Assert.True(SpinWait.SpinUntil(_turn.TryTake, Eventually.Patience), "the thread has stepped aside");
        Assert.False(_turn.TryTake());
        _turn.GiveBack();

        // The first one was here, so the thread leaves the turn to callers for another while.
        Assert.True(_turn.TryTake());
        using (_gate.Enter())
        {
            _turn.End();
        }

        Assert.True(thread.Join(Eventually.Patience));
    }

    private Thread StepAside()
    {
        _turn.TryTake();
        Thread thread = new(_turn.AwaitThreads) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
