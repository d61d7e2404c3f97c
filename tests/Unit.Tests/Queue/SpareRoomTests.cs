using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// What an overload has grown is small again some thousand quiet uses later, and not before.
public sealed class SpareRoomTests
{
    private const int Uses = 1100;

    // What a thread has to allocate from; a collection on behalf of another test counts what is left of it. What grows here is more.
    private const int Quantum = 8 * 1024;

    [Fact]
    public void Only_many_quiet_uses_in_a_row_count()
    {
        SpareRoom spare = new(100);
        Assert.Equal(0, QuietUses(ref spare, 100));
        Assert.InRange(QuietUses(ref spare, 101), 1000, Uses);
        Assert.InRange(QuietUses(ref spare, 101), 1000, Uses);
        for (int turn = 0; turn < 3; turn++)
        {
            for (int use = 0; use < 900; use++)
            {
                Assert.False(spare.IsTooMuch(101));
            }

            spare.Note(26);
            Assert.False(spare.IsTooMuch(101));
        }
    }

    [Fact]
    public void A_ring_of_bytes_is_cut_back_and_keeps_its_positions()
    {
        ByteRing ring = new(64);
        ring.Append(new byte[ByteRing.KeptBytes]);
        ring.Append(new byte[1_000_000]);
        ring.ReleaseTo(ring.End);
        long end = ring.End;
        bool isKept = true;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int use = 0; use < Uses; use++)
        {
            ring.Append("abc"u8);
            isKept &= ring.Stretch(ring.Start, ring.End).Span.SequenceEqual("abc"u8);
            ring.ReleaseTo(ring.End);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.True(isKept);
        Assert.Equal(end + (3L * Uses), ring.End);
        byte[] much = new byte[ByteRing.KeptBytes];
        AssertAllocatesNothing(() => ring.Append(much));
        AssertAllocates(() => ring.Append(much));
    }

    [Fact]
    public void A_line_is_cut_back()
    {
        RequestLine line = new();
        Overload(line);
        for (int use = 0; use < Uses; use++)
        {
            Fill(line, 2);
            Drain(line, 2);
        }

        AssertAllocatesNothing(() => Fill(line, RequestLine.KeptSlots));
        AssertAllocates(() => Fill(line, 1));
        Drain(line, RequestLine.KeptSlots + 1);
    }

    [Fact]
    public void A_lane_is_cut_back()
    {
        WaitingLane lane = new();
        RequestLine line = new();
        Wait(lane, 100_000);
        while (lane.Count > 0)
        {
            lane.TakeOldest();
        }

        for (int use = 0; use < Uses; use++)
        {
            Wait(lane, 1);
            lane.MoveOldest(line, now: 1);
            Drain(line, 1);
        }

        AssertAllocatesNothing(() => Wait(lane, RequestLine.KeptSlots));
        AssertAllocates(() => Wait(lane, 1));
    }

    [Fact]
    public void A_receive_buffer_is_cut_back()
    {
        ReceiveBuffer buffer = new();
        Receive(buffer, 3_000_000);
        for (int use = 0; use < Uses; use++)
        {
            Receive(buffer, 10);
        }

        Assert.Equal(ByteRing.KeptBytes, buffer.MakeRoom().Array!.Length);
    }

    private static int QuietUses(ref SpareRoom spare, int size)
    {
        for (int use = 1; use <= Uses; use++)
        {
            spare.Note(25);
            if (spare.IsTooMuch(size))
            {
                return use;
            }
        }

        return 0;
    }

    private static void AssertAllocates(Action append) => Assert.True(Allocated(append) > Quantum);

    private static void AssertAllocatesNothing(Action append) => Assert.InRange(Allocated(append), 0, Quantum);

    // What is compared is read before anything is asserted: an assertion allocates too.
    private static long Allocated(Action append)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        append();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Overload(RequestLine line)
    {
        Fill(line, 100_000);
        Drain(line, 100_000);
    }

    private static void Fill(RequestLine line, int count)
    {
        for (int request = 0; request < count; request++)
        {
            line.Append("*1\r\n$4\r\nPING\r\n"u8, default);
        }
    }

    private static void Drain(RequestLine line, int count)
    {
        while (line.HasSendable)
        {
            line.TakeSendable();
            line.NoteSent();
        }

        RespReader reader = new();
        reader.TryRead("+PONG\r\n"u8, out RespReply pong, out int _);
        for (int reply = 0; reply < count; reply++)
        {
            Assert.True(line.TryTakeAnswered(pong, out _, out _));
        }
    }

    private static void Wait(WaitingLane lane, int count)
    {
        for (int request = 0; request < count; request++)
        {
            lane.Append("*1\r\n$4\r\nPING\r\n"u8, default, request + 1, default);
        }
    }

    private static void Receive(ReceiveBuffer buffer, int bytes)
    {
        for (int received = 0; received < bytes;)
        {
            int room = Math.Min(buffer.MakeRoom().Count, bytes - received);
            buffer.Received(room);
            received += room;
        }

        System.IO.Pipelines.ReadResult all = buffer.HandOut();
        Assert.Equal(bytes, all.Buffer.Length);
        buffer.AdvanceTo(all.Buffer.End, all.Buffer.End);
    }
}
