using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// In microseconds of a link that is modelled: a round trip, and so many frames a second that its server answers.
public sealed class SendWindowTests
{
    private const int FrameBytes = 128;
    private const int MostBytes = 1024 * 1024;
    private const long Slack = 5_000;

    [Fact]
    public void It_grows_while_more_is_answered_the_more_is_asked()
    {
        SendWindow window = new(MostBytes, Slack);
        Assert.Equal(SendWindow.FirstBytes, window.Bytes);
        Link link = new(window, roundTrip: 100_000, bytesASecond: 100 * MostBytes);
        for (int rounds = 0; window.Bytes < MostBytes; rounds++)
        {
            Assert.True(rounds < 12);
            link.Round();
        }
    }

    [Fact]
    public void It_shrinks_to_what_is_answered_without_a_queue()
    {
        SendWindow window = new(MostBytes, Slack);
        Link link = new(window, roundTrip: 20_000, bytesASecond: 100 * MostBytes);
        for (int round = 0; round < 20; round++)
        {
            link.Round();
        }

        link.BytesASecond = 1_000_000;
        for (int round = 0; round < 60; round++)
        {
            link.Round();
        }

        // A second's bytes for as long as a round trip and the slack, and not much more.
        Assert.InRange(window.Bytes, 25_000, 60_000);
        Assert.InRange(window.NeededTicks, 30_000, 120_000);
    }

    [Fact]
    public void A_route_that_has_become_longer_is_believed_in_time()
    {
        SendWindow window = new(MostBytes, Slack);
        Link link = new(window, roundTrip: 20_000, bytesASecond: 100 * MostBytes);
        link.Round();
        link.RoundTrip = 100_000;
        for (int rounds = 0; window.Bytes < MostBytes; rounds++)
        {
            Assert.True(rounds < 100);
            link.Round();
        }
    }

    [Fact]
    public void Without_anybody_waiting_a_quiet_link_keeps_its_window()
    {
        SendWindow window = new(MostBytes, Slack);
        for (int trip = 0; trip < 100; trip++)
        {
            window.NoteAnswered((trip + 1) * FrameBytes, trip * 1_000_000L, (trip + 1) * FrameBytes, (trip * 1_000_000L) + 100_000);
        }

        Assert.Equal(SendWindow.FirstBytes, window.Bytes);
    }

    [Fact]
    public void A_window_below_the_least_is_kept() => Assert.Equal(2000, new SendWindow(2000, Slack).Bytes);

    // Requests come at a rate and are of use only if they are answered within their limit; what counts is how many are.
    [Theory]
    [InlineData(100_000, 1_000_000, 30_000, 0.9)]
    [InlineData(100_000, 1_000_000, 120_000, 0.9)]
    [InlineData(20_000, 1_000_000, 200_000, 0.9)]
    [InlineData(100_000, 5_000, 4_500, 0.9)]
    [InlineData(100_000, 5_000, 10_000, 0.9)]
    [InlineData(100_000, 5_000, 20_000, 0.9)]
    [InlineData(20_000, 5_000, 20_000, 0.9)]
    [InlineData(200, 5_000, 20_000, 0.9)]
    [InlineData(200, 20_000, 80_000, 0.9)]
    [InlineData(40_000, 2_000, 8_000, 0.9)]
    public void Overload_does_not_lower_what_is_answered_in_time(long roundTrip, int served, int offered, double share)
    {
        const long second = 1_000_000;
        const long limit = 400_000;
        const long step = 250;
        RequestQueue queue = new(RespQueueLimits.Default, Slack);
        queue.Open(1);
        Queue<long> replies = new();
        byte[] frame = new byte[FrameBytes];
        ReplySlot[] late = new ReplySlot[32];
        double due = 0;
        long freeAt = 0;
        long inTime = 0;
        long fits = Math.Min(served, Math.Min(offered, RespQueueLimits.Default.OrdinaryRequests * second / roundTrip));
        for (long now = 1; now < 5 * second; now += step)
        {
            for (due += offered * step / (double)second; due >= 1; due--)
            {
                RespRequest request = new() { DeadlineTicks = now + limit, Tag = now + limit };
                if (queue.HasRoom(FrameBytes, request))
                {
                    queue.Append(frame, request, now);
                }
            }

            long next = long.MaxValue;
            while (queue.CollectUnsent(now, late, ref next) == late.Length)
            {
            }

            while (replies.TryPeek(out long at) && at <= now)
            {
                replies.Dequeue();
                Assert.True(queue.TryTakeAnswered(new RespReply(RespType.SimpleString, 0, "OK"u8), now, out ReplySlot slot, out _));
                inTime += now > second && slot.Tag >= now ? 1 : 0;
            }

            while (queue.Refill(now, late) == late.Length)
            {
            }

            while (queue.Line.HasSendable)
            {
                for (int bytes = queue.Line.TakeSendable().Length; bytes > 0; bytes -= FrameBytes)
                {
                    freeAt = Math.Max(freeAt, now) + (second / served);
                    replies.Enqueue(freeAt + roundTrip);
                }

                queue.Line.NoteSent();
            }
        }

        double reached = inTime / 4.0 / fits;
        Assert.True(reached >= share, $"{reached:0.00} of the {fits} a second that fit were answered in time.");
    }

    /// <summary>A caller that always wants more, over a link that answers what a window holds, spread over its rate.</summary>
    private sealed class Link(SendWindow window, long roundTrip, long bytesASecond)
    {
        private readonly Queue<(long End, long SentAt, long AnsweredAt)> _underWay = new();
        private long _end;
        private long _answered;
        private long _now = 1;
        private long _freeAt;

        public long RoundTrip { get; set; } = roundTrip;

        public long BytesASecond { get; set; } = bytesASecond;

        public void Round()
        {
            long until = _end + 1;
            while (_answered < until)
            {
                while (_end - _answered + FrameBytes <= window.Bytes)
                {
                    _freeAt = Math.Max(_freeAt, _now) + (FrameBytes * 1_000_000 / BytesASecond);
                    _end += FrameBytes;
                    _underWay.Enqueue((_end, _now, _freeAt + RoundTrip));
                }

                window.NoteShort();
                (long end, long sentAt, long answeredAt) = _underWay.Dequeue();
                _now = Math.Max(_now, answeredAt);
                _answered = end;
                window.NoteAnswered(end, sentAt, _end, _now);
            }
        }
    }
}
