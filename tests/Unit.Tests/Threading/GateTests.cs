using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class GateTests
{
    [Fact]
    public void An_interrupt_waits_until_the_gate_is_left()
    {
        Gate gate = new();
        bool wasInside = false;
        bool isInterruptedAfterwards = false;
        Thread thread = new(() =>
        {
            using (gate.Enter())
            {
                wasInside = true;
            }

            isInterruptedAfterwards = Record.Exception(() => Thread.Sleep(Timeout.Infinite)) is ThreadInterruptedException;
        });
        using (gate.Enter())
        {
            thread.Start();
            Assert.True(SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Eventually.Patience));
            thread.Interrupt();
            thread.Interrupt();
        }

        Assert.True(thread.Join(Eventually.Patience));
        Assert.True(wasInside);
        Assert.True(isInterruptedAfterwards);
    }

    [Fact]
    public void Whoever_finds_it_taken_may_go_on()
    {
        Gate gate = new();
        bool wasEntered = true;
        using (gate.Enter())
        {
            Assert.True(gate.IsEntered);
            Thread thread = new(() => wasEntered = gate.TryEnter(out _));
            thread.Start();
            Assert.True(thread.Join(Eventually.Patience));
        }

        Assert.False(wasEntered);
        Assert.False(gate.IsEntered);
        Assert.True(gate.TryEnter(out Gate.Scope scope));
        using (scope)
        {
            Assert.True(gate.IsEntered);
        }
    }
}
