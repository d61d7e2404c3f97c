using System.Diagnostics.Metrics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Alone, for beside whoever measures round trips nothing is left to lie.
[Collection(nameof(ListeningAlone))]
public sealed class ReadTurnTests
{
    private static readonly TimeSpan _ample = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _leisure = TimeSpan.FromMilliseconds(2);

    private readonly Gate _gate = new();
    private readonly RequestQueue _queue = new(RespQueueLimits.Default, slackTicks: 1);
    private readonly ReadTurn _turn;

    public ReadTurnTests() => _turn = new ReadTurn(_gate, _queue, TimeProvider.System);

    [Fact]
    public void After_the_end_no_caller_gets_the_turn_and_the_thread_returns_though_callers_keep_coming()
    {
        Thread thread = TakeFromThread();
        using (_gate.Enter())
        {
            _turn.End();
        }

        _turn.GiveBack(Unread.Awaited);
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
        Thread thread = TakeFromThread();
        Assert.False(_turn.TryTake());
        using (_gate.Enter())
        {
            // Within the gate, or the thread may be done with waiting for callers meanwhile.
            _turn.GiveBack(Unread.Awaited);
            Assert.True(_turn.TryTake());
            _turn.End();
        }

        Assert.True(thread.Join(Eventually.Patience));
    }

    [Fact]
    public void A_thread_whose_turn_nobody_wants_does_not_even_enter_the_gate()
    {
        using (_gate.Enter())
        {
            Assert.True(AwaitTurn().Join(Eventually.Patience));
        }
    }

    [Fact]
    public void If_nobody_comes_the_thread_has_its_turn_back_and_the_wish_is_forgotten()
    {
        Assert.True(StepAside().Join(Eventually.Patience));
        using (_gate.Enter())
        {
            Assert.True(AwaitTurn().Join(Eventually.Patience));
        }

        Assert.False(_turn.TryTake());
    }

    [Fact]
    public void While_something_is_in_flight_the_thread_reads_and_the_wish_stays()
    {
        _queue.AppendHandshake(Sending.Frame("PING"), new OutcomeRecorder(), tag: 1);
        Assert.True(StepAside().Join(Eventually.Patience));
        _queue.TakeAll();
        AssertOffers();
    }

    [Fact]
    public void However_long_a_caller_reads_the_thread_does_not_read_beside_it()
    {
        Thread thread = TakeFromThread();

        // Some of its looks whether anybody has come.
        Assert.False(thread.Join(TimeSpan.FromMilliseconds(200)));
        using (_gate.Enter())
        {
            _turn.End();
        }

        Assert.True(thread.Join(Eventually.Patience));
    }

    [Theory]
    [InlineData(Unread.Late, false)]
    [InlineData(Unread.Awaited, true)]
    internal void Replies_that_only_the_caller_has_asked_for_lie_for_its_next_turn_unless_it_waits_for_them(Unread unread, bool isRead)
    {
        Thread thread = TakeFromThread();
        using (_gate.Enter())
        {
            Ask(_ample);
            _turn.BeginReading();
            _turn.GiveBack(unread);
            Assert.Equal(!isRead, _turn.TryTake());
            _turn.End();
        }

        Assert.True(thread.Join(Eventually.Patience));
    }

    [Fact]
    public void What_lies_is_read_by_the_thread_if_nobody_comes()
    {
        Thread thread = TakeFromThread();
        using (_gate.Enter())
        {
            Ask(_ample);
            _turn.GiveBack(Unread.Late);
        }

        Assert.True(thread.Join(Eventually.Patience));

        // And it steps aside again behind it, for the wish stays.
        _queue.TakeAll();
        AssertOffers();
    }

    [Fact]
    public void What_another_thread_asks_meanwhile_is_pressing()
    {
        Thread thread = TakeFromThread();
        Thread other = new(() => Ask(_ample)) { IsBackground = true };
        other.Start();
        Assert.True(other.Join(Eventually.Patience));
        AssertPressing(thread);
    }

    [Fact]
    public void What_is_sent_while_the_caller_reads_is_pressing()
    {
        Thread thread = TakeFromThread();
        _turn.BeginReading();
        Ask(_ample);
        AssertPressing(thread);
    }

    [Fact]
    public void What_has_little_time_is_pressing()
    {
        Thread thread = TakeFromThread();
        Ask(_short);
        AssertPressing(thread);
    }

    [Fact]
    public void What_has_little_time_left_by_the_end_of_the_turn_is_pressing()
    {
        Thread thread = TakeFromThread();
        using (_gate.Enter())
        {
            _queue.Open(now: 1);
            _queue.Append(
                Sending.Frame("PING"), new RespRequest { DeadlineTicks = TimeProvider.System.GetTimestamp() + TicksOf(_short) }, now: 1);

            // As if it had been asked long ago.
            _turn.Demand(TicksOf(_ample));
        }

        AssertPressing(thread);
    }

    [Fact]
    public void Where_round_trips_are_measured_nothing_is_left_to_lie()
    {
        using MeterListener listener = new()
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "resp.round_trip.duration")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.Start();
        Thread thread = TakeFromThread();
        Ask(_ample);
        AssertPressing(thread);
    }

    // A thread that waits for callers for longer than that is told: of many tries one is not disturbed by whatever else runs.
    [Fact]
    public void What_lies_is_read_after_2_milliseconds()
    {
        TimeSpan least = TimeSpan.MaxValue;
        for (int attempt = 0; attempt < 100 && least > 5 * _leisure; attempt++)
        {
            Thread thread = TakeFromThread();
            long start;
            using (_gate.Enter())
            {
                Ask(_ample);
                start = TimeProvider.System.GetTimestamp();
                _turn.GiveBack(Unread.Late);
            }

            Assert.True(thread.Join(Eventually.Patience));
            TimeSpan lay = TimeProvider.System.GetElapsedTime(start);
            least = lay < least ? lay : least;
            _queue.TakeAll();

            // Until the wish is forgotten, and with it that something was left.
            AwaitTurn().Join();
        }

        Assert.InRange(least, _leisure / 2, 5 * _leisure);
    }

    // One synchronous call must not make all later ones of others dearer.
    [Fact]
    public void The_wish_is_forgotten_once_the_thread_has_been_called_to_its_turn_twice_and_no_caller_has_asked_between()
    {
        Assert.False(_turn.TryTake());
        CallToTurn();
        CallToTurn();
        using (_gate.Enter())
        {
            Assert.True(AwaitTurn().Join(Eventually.Patience));
        }

        Assert.False(_turn.TryTake());
        AssertOffers();
    }

    [Fact]
    public void What_lay_is_pressing_once_somebody_asks_behind_it()
    {
        Thread thread = TakeFromThread();
        using (_gate.Enter())
        {
            Ask(_ample);
            _turn.GiveBack(Unread.Late);
            Ask(_ample);
            Assert.False(_turn.TryTake());
        }

        Assert.True(thread.Join(Eventually.Patience));
    }

    private void AssertPressing(Thread thread)
    {
        _turn.GiveBack(Unread.Late);
        Assert.False(_turn.TryTake());
        Assert.True(thread.Join(Eventually.Patience));
    }

    private void Ask(TimeSpan time)
    {
        using (_gate.Enter())
        {
            _queue.AppendHandshake(Sending.Frame("PING"), new OutcomeRecorder(), tag: 1);
            _turn.Demand(TicksOf(time));
        }
    }

    // What another thread asks, while nothing is in flight.
    private void CallToTurn()
    {
        Thread thread = AwaitTurn();
        while (!thread.Join(0))
        {
            using (_gate.Enter())
            {
                _turn.Demand(TicksOf(_ample));
            }
        }
    }

    private static long TicksOf(TimeSpan time) => time.Ticks * TimeProvider.System.TimestampFrequency / TimeSpan.TicksPerSecond;

    private void AssertOffers()
    {
        Thread thread;
        using (_gate.Enter())
        {
            thread = AwaitTurn();
            Assert.True(SpinWait.SpinUntil(() => IsBlockedOrOver(thread), Eventually.Patience));
            Assert.True(thread.IsAlive, "it was to offer its turn, for which it needs the gate");
            _turn.End();
        }

        Assert.True(thread.Join(Eventually.Patience));
    }

    private static bool IsBlockedOrOver(Thread thread) => !thread.IsAlive || (thread.ThreadState & ThreadState.WaitSleepJoin) != 0;

    // The thread leaves its turn to callers for a moment only: whoever comes too late asks again.
    private Thread TakeFromThread()
    {
        while (true)
        {
            Thread thread = StepAside();
            bool isTaken = false;
            Assert.True(
                SpinWait.SpinUntil(() => (isTaken = _turn.TryTake()) || !thread.IsAlive, Eventually.Patience),
                "the thread has stepped aside");
            if (isTaken)
            {
                return thread;
            }
        }
    }

    private Thread StepAside()
    {
        _turn.TryTake();
        return AwaitTurn();
    }

    private Thread AwaitTurn()
    {
        Thread thread = new(_turn.AwaitThreads) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
