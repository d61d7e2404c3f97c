using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// A caller that waits for bytes hears of nothing else, so it does only while its operation hangs on them.
public sealed class SelfReadingOperationTests
{
    private static readonly TimeSpan _long = TimeSpan.FromMinutes(10);

    [Fact]
    public void A_refused_caller_leaves_the_turn_before_it_sleeps_in_line()
    {
        using ScriptedQuorum quorum = new(1);
        AnsweringTurn turn = new(quorum.Nodes[0], "$-1\r\n");
        quorum.Nodes[0].Turn = turn;
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { Expiry = _long, NodeTimeLimit = _long / 3, Delay = _long });
        LockStatus? status = null;
        Thread caller = new(() => status = mutex.TryLock(_long, CancellationToken.None).Status) { IsBackground = true };
        caller.Start();
        Assert.True(SpinWait.SpinUntil(() => turn.Left is not null, Eventually.Patience), "it gives its turn back");
        Assert.Equal(Unread.Late, turn.Left);
        Assert.Null(status);
        Assert.Equal(1, turn.Reads);
        quorum.Factory.Dispose();
        Assert.True(caller.Join(Eventually.Patience));
        Assert.Equal(LockStatus.Unavailable, status);
    }

    [Fact]
    public void A_caller_whose_replies_all_came_while_it_sent_does_not_even_look()
    {
        using ScriptedQuorum quorum = new(1);
        quorum.Nodes[0].Refusal = RequestFailure.NotConnected;
        AnsweringTurn turn = new(quorum.Nodes[0], "$-1\r\n");
        quorum.Nodes[0].Turn = turn;
        Assert.Equal(LockStatus.Unavailable, quorum.Mutex(MutexOptions.NonBlocking).TryLock(CancellationToken.None).Status);
        Assert.Equal(0, turn.Reads);
        Assert.Equal(Unread.Late, turn.Left);
    }

    [Fact]
    public void A_send_that_throws_gives_the_turn_back()
    {
        using ScriptedQuorum quorum = new(1);
        quorum.Nodes[0].Sending = static () => throw new InvalidTimeZoneException("broken");
        AnsweringTurn turn = new(quorum.Nodes[0], "$-1\r\n");
        quorum.Nodes[0].Turn = turn;
        Assert.Throws<InvalidTimeZoneException>(() => quorum.Mutex(MutexOptions.NonBlocking).TryLock(CancellationToken.None));
        Assert.Equal(Unread.Awaited, turn.Left);
    }

    [Fact]
    public void A_caller_with_a_token_looks_often_whether_it_is_cancelled()
    {
        using ScriptedQuorum quorum = new(1);
        using CancellationTokenSource cancellation = new();
        List<TimeSpan> polls = [];
        AnsweringTurn turn = new(quorum.Nodes[0], "$-1\r\n")
        {
            OnPoll = time =>
            {
                polls.Add(time);
                if (polls.Count == 3)
                {
                    cancellation.Cancel();
                }

                return false;
            },
        };
        quorum.Nodes[0].Turn = turn;
        RedlockMutex mutex = quorum.Mutex(MutexOptions.NonBlocking with { Expiry = _long, NodeTimeLimit = _long / 3 });
        Assert.Throws<OperationCanceledException>(() => mutex.TryLock(cancellation.Token));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromMilliseconds(2), 3), polls);
        Assert.Equal(Unread.Late, turn.Left);
    }

    private sealed class AnsweringTurn(ScriptedChannel node, string reply) : RespReadTurn
    {
        private Unread _left;
        private bool _hasLeft;

        public override ReadSignal? Signal => null;

        public override bool IsOver => false;

        public int Reads { get; private set; }

        public Func<TimeSpan, bool> OnPoll { get; init; } = static _ => true;

        public Unread? Left => Volatile.Read(ref _hasLeft) ? _left : null;

        public override bool TryTake() => true;

        public override void Begin()
        {
        }

        public override bool Poll(TimeSpan time) => OnPoll(time);

        public override void Read()
        {
            node.Reply(Reads, reply);
            Reads++;
        }

        public override void GiveBack(Unread unread)
        {
            _left = unread;
            Volatile.Write(ref _hasLeft, true);
        }
    }
}
