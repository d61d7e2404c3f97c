using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Who goes to the line at once, who waits, in what order they follow, and who is told that nothing was sent.
public sealed class RequestQueueTests
{
    private const int Key = 77;

    // With so much slack the window stays as large as it may be.
    private readonly RequestQueue _queue = new(new RespQueueLimits { WindowBytes = SendWindow.FirstBytes }, slackTicks: 1_000_000_000);
    private readonly OutcomeRecorder _handler = new();
    private long _now = 1;

    [Fact]
    public void Nothing_but_the_handshake_goes_out_before_the_connection_is_open()
    {
        _queue.AppendHandshake("hello"u8, _handler, 1);
        Take(2);
        Take(3, RequestPriority.Reserved, key: 5);
        Assert.Equal("hello", SendAll());
        Answer(1);
        Assert.Equal(string.Empty, SendAll());
        Assert.Equal(0, _queue.Refill(_now, new ReplySlot[4]));
        Assert.Equal(string.Empty, SendAll());
        _queue.Open(_now);
        Assert.Equal(0, _queue.Refill(_now, new ReplySlot[4]));
        Assert.Equal("<3><2>", SendAll());
    }

    [Fact]
    public void Nothing_passes_what_was_reserved_before_the_connection_was_open()
    {
        Take(1, RequestPriority.Reserved, key: Key);
        _queue.Open(_now);
        Take(2, RequestPriority.Reserved, key: Key);
        Take(3, key: Key);
        _queue.AssertInvariants();
        Refill();
        Assert.Equal("<1><2><3>", SendAll());
    }

    [Fact]
    public void Ordinary_requests_wait_for_the_window_and_keep_their_order()
    {
        _queue.Open(_now);
        int inLine = FillWindow();
        Take(1000);
        Take(1001);
        Assert.Equal(inLine, _queue.Line.Count);
        Assert.Equal(inLine + 2, _queue.Count);
        SendAll();
        Answer(0);
        Take(1002);
        Assert.Equal(inLine - 1, _queue.Line.Count);
        Refill();
        Assert.Equal("<1000><1001><1002>", SendAll());
    }

    [Fact]
    public void What_is_reserved_passes_what_waits_but_not_its_own_key()
    {
        _queue.Open(_now);
        FillWindow();
        SendAll();
        Take(1000, key: Key);
        Take(1001, RequestPriority.Reserved, key: Key + 1);
        Take(1002, RequestPriority.Reserved, key: Key);
        Take(1003, RequestPriority.Reserved);
        Assert.Equal("<1001>", SendAll());
        Answer(0);
        Refill();
        Assert.Equal("<1000><1002><1003>", SendAll());
        Take(1004, RequestPriority.Reserved, key: Key);
        Assert.Equal("<1004>", SendAll());
    }

    [Fact]
    public void What_waits_is_taken_back_by_its_number_and_what_was_handed_over_is_not()
    {
        _queue.Open(_now);
        FillWindow();
        long sent = Take(999, RequestPriority.Reserved, key: 3);
        long[] waiting = [Take(1000), Take(1001), Take(1002), Take(1003), Take(1004)];
        SendAll();
        Assert.False(_queue.TryWithdraw(sent, out _));
        Assert.False(_queue.TryWithdraw(waiting[^1] + 1, out _));
        foreach (int place in (int[])[2, 0, 4])
        {
            Assert.True(_queue.TryWithdraw(waiting[place], out ReplySlot slot));
            Assert.Equal(1000 + place, slot.Tag);
            Assert.False(_queue.TryWithdraw(waiting[place], out _));
            _queue.AssertInvariants();
        }

        Answer(0);
        Refill();
        Assert.Equal("<1001><1003>", SendAll());
        Assert.False(_queue.TryWithdraw(waiting[1], out _));
    }

    [Fact]
    public void What_times_out_unsent_is_not_sent_and_what_is_reserved_is_sent_all_the_same()
    {
        _queue.Open(_now);
        FillWindow();
        SendAll();
        Take(1000, deadline: 10, key: Key);
        Take(1001, deadline: 20);
        Take(1002, RequestPriority.Reserved, deadline: 10, key: Key);
        Take(1003, deadline: 10);
        long next = long.MaxValue;
        ReplySlot[] expired = new ReplySlot[8];
        int count = _queue.CollectUnsent(10, expired, ref next);
        Assert.Equal([1000L, 1002, 1003], expired[..count].Select(slot => slot.Tag));
        Assert.Equal([true, false, true], expired[..count].Select(slot => slot.FrameEnd == ReplySlot.Unsent));
        Assert.Equal(20, next);
        Assert.Equal(0, _queue.CollectUnsent(10, expired, ref next));
        _queue.AssertInvariants();
        Answer(0);
        Refill();
        Assert.Equal("<1001><1002>", SendAll());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void However_many_time_out_unsent_they_come_in_batches(int batch)
    {
        _queue.Open(_now);
        FillWindow();
        for (int tag = 0; tag < 100; tag++)
        {
            Take(1000 + tag, deadline: 10 + (tag % 3));
        }

        List<long> told = [];
        long next = long.MaxValue;
        ReplySlot[] expired = new ReplySlot[batch];
        int count;
        do
        {
            count = _queue.CollectUnsent(11, expired, ref next);
            told.AddRange(expired[..count].Select(slot => slot.Tag));
            _queue.AssertInvariants();
        }
        while (count == batch);

        Assert.Equal(Enumerable.Range(0, 100).Where(tag => tag % 3 < 2).Select(tag => 1000L + tag), told);
        Assert.Equal(12, next);
    }

    [Fact]
    public void What_could_not_be_answered_in_time_is_not_sent_unless_nothing_is_under_way()
    {
        _queue.Open(_now);
        Take(0);
        SendAll();
        _now = 101;
        Answer(0);

        // A round trip takes 100; half as much again is kept in reserve.
        int inLine = FillWindow();
        SendAll();
        Take(1000, deadline: 340);
        Take(1001, deadline: 360);
        _now = 201;
        Answer(-1);
        ReplySlot[] late = new ReplySlot[4];
        Assert.Equal(1, _queue.Refill(_now, late));
        Assert.Equal(1000, late[0].Tag);
        Assert.Equal("<1001>", SendAll());
        while (_queue.Line.Count > 1)
        {
            Answer(-1);
        }

        FillWindow();
        Take(1002, deadline: _now + 1);
        SendAll();
        while (_queue.Line.Count > 0)
        {
            Assert.True(_queue.TryTakeAnswered(Reply("+OK"), _now, out _, out _));
        }

        Assert.Equal(0, _queue.Refill(_now, late));
        Assert.Equal("<1002>", SendAll());
    }

    [Fact]
    public void Room_is_bounded_in_requests_and_in_bytes_and_what_undoes_finds_it()
    {
        RespQueueLimits limits = new() { OrdinaryRequests = 3, OrdinaryBytes = 1024, AllRequests = 8, AllBytes = 4096 };
        RequestQueue queue = new(limits, slackTicks: 1);
        Assert.True(queue.HasRoom(1_000_000, Request(0)), "One frame alone always has room.");
        RespRequest undo = new() { DeadlineTicks = 0, Priority = RequestPriority.Reserved, Undoes = new RespTicket(1, 1) };
        for (int count = 0; count < 8; count++)
        {
            Assert.Equal(count < 3, queue.HasRoom(10, Request(0)));
            Assert.Equal(count < 5, queue.HasRoom(10, Request(0, RequestPriority.Reserved)));
            Assert.True(queue.HasRoom(10, undo));
            queue.Append(new byte[10], Request(count), 1);
        }

        Assert.False(queue.HasRoom(10, undo));
        Assert.Equal(8, queue.TakeAll().Count);
        queue.Append(new byte[924], Request(0), 1);
        Assert.True(queue.HasRoom(100, Request(0)));
        Assert.False(queue.HasRoom(101, Request(0)));
        queue.Append(new byte[2048], Request(0), 1);
        Assert.True(queue.HasRoom(100, Request(0, RequestPriority.Reserved)));
        Assert.False(queue.HasRoom(101, Request(0, RequestPriority.Reserved)));
        Assert.True(queue.HasRoom(1124, undo));
        Assert.False(queue.HasRoom(1125, undo));
    }

    [Theory]
    [InlineData(8, 15, 1024, 4096)]
    [InlineData(8, 16, 1024, 3071)]
    public void A_reserve_too_small_to_undo_what_is_let_in_is_refused(int ordinary, int all, int ordinaryBytes, int allBytes)
    {
        RespQueueLimits limits = new()
        {
            OrdinaryRequests = ordinary,
            AllRequests = all,
            OrdinaryBytes = ordinaryBytes,
            AllBytes = allBytes,
        };
        Assert.Throws<ArgumentException>(() => new RespNodeOptions { QueueLimits = limits });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_request_is_sent_in_the_order_of_its_key_or_told_that_it_was_not(int seed)
    {
        Random random = new(seed);
        _queue.Open(_now);
        Dictionary<long, int> keyOf = [];
        Dictionary<long, long> waiting = [];
        HashSet<long> gone = [];
        List<long> sent = [];
        long tag = 0;
        ReplySlot[] batch = new ReplySlot[3];
        for (int step = 0; step < 30_000; step++)
        {
            _now++;
            switch (random.Next(8))
            {
                case < 3:
                    int key = 1 + random.Next(20);
                    RequestPriority priority = random.Next(3) == 0 ? RequestPriority.Reserved : RequestPriority.Ordinary;
                    keyOf[++tag] = key;
                    waiting[tag] = _queue.Append(
                        Frame(tag, 1 + random.Next(900)), Request(tag, priority, _now + random.Next(400), key), _now);
                    break;
                case 3 when waiting.Count > 0:
                    long chosen = waiting.Keys.ElementAt(random.Next(waiting.Count));
                    if (_queue.TryWithdraw(waiting[chosen], out ReplySlot slot))
                    {
                        Assert.Equal(chosen, slot.Tag);
                        Assert.True(gone.Add(chosen));
                        waiting.Remove(chosen);
                    }

                    break;
                case 4:
                    long next = long.MaxValue;
                    int expired = _queue.CollectUnsent(_now, batch, ref next);
                    foreach (ReplySlot late in batch[..expired].Where(late => late.FrameEnd == ReplySlot.Unsent))
                    {
                        Assert.True(gone.Add(late.Tag));
                    }

                    break;
                case 5 when _queue.Line.Count > 0:
                    Send(sent);
                    Assert.True(_queue.TryTakeAnswered(Reply("+OK"), _now, out _, out _));
                    break;
                case 6:
                    foreach (ReplySlot late in batch[.._queue.Refill(_now, batch)])
                    {
                        Assert.True(gone.Add(late.Tag));
                    }

                    break;
                case 7:
                    Send(sent);
                    break;
            }

            _queue.AssertInvariants();
        }

        while (_queue.Count > 0)
        {
            foreach (ReplySlot late in batch[.._queue.Refill(_now, batch)])
            {
                Assert.True(gone.Add(late.Tag));
            }

            Send(sent);
            if (_queue.Line.Count > 0)
            {
                Assert.True(_queue.TryTakeAnswered(Reply("+OK"), _now, out _, out _));
            }
        }

        Assert.NotEmpty(gone);
        Assert.Empty(gone.Intersect(sent));
        Assert.Equal(tag, gone.Count + sent.Count);
        foreach (IGrouping<int, long> ofKey in sent.GroupBy(one => keyOf[one]))
        {
            Assert.Equal(ofKey.Order(), ofKey);
        }
    }

    private static RespRequest Request(
        long tag, RequestPriority priority = RequestPriority.Ordinary, long deadline = long.MaxValue, int key = 0) =>
        new() { Tag = tag, Priority = priority, DeadlineTicks = deadline, KeyHash = key };

    private static byte[] Frame(long tag, int padding = 0) => Encoding.ASCII.GetBytes($"<{tag}>{new string('.', padding)}");

    private static RespReply Reply(string line) => new((RespType)line[0], 0, Encoding.ASCII.GetBytes(line[1..]));

    private long Take(long tag, RequestPriority priority = RequestPriority.Ordinary, long deadline = long.MaxValue, int key = 0) =>
        _queue.Append(Frame(tag), Request(tag, priority, deadline, key), _now);

    /// <summary>Takes large requests, until the line takes no more.</summary>
    private int FillWindow()
    {
        const int large = 1000;
        int count = 0;
        while (_queue.Line.UnansweredBytes + large <= SendWindow.FirstBytes)
        {
            _queue.Append(new byte[large], Request(-1), _now);
            count++;
        }

        _queue.Append(new byte[SendWindow.FirstBytes - _queue.Line.UnansweredBytes], Request(-1), _now);
        return count + 1;
    }

    private void Refill() => Assert.Equal(0, _queue.Refill(_now, new ReplySlot[4]));

    private void Answer(long tag)
    {
        Assert.True(_queue.TryTakeAnswered(Reply("+OK"), _now, out ReplySlot slot, out _));
        Assert.True(slot.Tag == tag || slot.Tag < 0);
    }

    private string SendAll()
    {
        StringBuilder sent = new();
        while (_queue.Line.HasSendable)
        {
            sent.Append(Encoding.ASCII.GetString(_queue.Line.TakeSendable().Span).Replace("\0", string.Empty, StringComparison.Ordinal));
            _queue.Line.NoteSent();
        }

        return sent.ToString();
    }

    private void Send(List<long> sent)
    {
        foreach (string frame in SendAll().Replace(".", string.Empty, StringComparison.Ordinal).Split(
            '<', StringSplitOptions.RemoveEmptyEntries))
        {
            sent.Add(long.Parse(frame.TrimEnd('>'), System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
