using System.Text;

namespace Redlock.Fast.Resp.Tests;

public sealed class RequestQueueTests
{
    private const int Window = 64 * 1024;
    private const int MostWrites = 64;

    private static readonly RespScript Script = new("return 1");

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 3_000)]
    [InlineData(3, 40_000)]
    [InlineData(4, 200_000)]
    public void ItSendsAndAnswersAsAPlainListDoes(int seed, int mostBytes)
    {
        Random random = new(seed);
        RequestQueue queue = new(RespQueueLimits.Default);
        OutcomeRecorder handler = new();
        List<(long Tag, byte[] Frame)> model = [];
        Queue<(long End, ReadOnlyMemory<byte> Memory, byte[] Copy)> writes = new();
        (ReadOnlyMemory<byte> Memory, byte[]? Copy) underWay = default;
        List<byte> unsent = [];
        long answered = 0;
        for (int step = 0; step < 4_000; step++)
        {
            queue.AssertInvariants();
            Assert.Equal(model.Count, queue.Count);
            if (underWay.Copy is not null)
            {
                Assert.Equal(underWay.Copy, underWay.Memory.ToArray());
            }

            switch (random.Next(4))
            {
                case 0 when unsent.Count < 1_000_000:
                    byte[] frame = new byte[1 + random.Next(random.Next(10) == 0 ? mostBytes : 50)];
                    random.NextBytes(frame);
                    queue.Append(frame, new RespRequest { Handler = handler, Tag = step, DeadlineTicks = step });
                    model.Add((step, frame));
                    unsent.AddRange(frame);
                    break;

                case 1 when underWay.Copy is null && queue.HasSendable(queue.End):
                    ReadOnlyMemory<byte> stretch = queue.TakeSendable(queue.End);
                    Assert.False(stretch.IsEmpty);
                    Assert.Equal(unsent.GetRange(0, stretch.Length), stretch.ToArray());
                    unsent.RemoveRange(0, stretch.Length);
                    underWay = (stretch, stretch.ToArray());
                    writes.Enqueue((queue.HandedOver, stretch, stretch.ToArray()));
                    Assert.InRange(queue.HandedOver - answered, 1, Math.Max(Window, model[0].Frame.Length));

                    // The frame at the head must get out, so it may use a few writes more: one a stretch of the ring.
                    Assert.InRange(writes.Count, 1, MostWrites + 2);
                    break;

                case 3 when underWay.Copy is not null:
                    queue.NoteSent();
                    underWay = default;
                    break;

                case 2 when model.Count > 0:
                    bool isOut = answered + model[0].Frame.Length <= queue.HandedOver;
                    Assert.Equal(isOut, queue.TryTakeAnswered(Reply("+OK"), out ReplySlot slot));
                    if (isOut)
                    {
                        Assert.Equal(model[0].Tag, slot.Tag);
                        Assert.Equal(model[0].Tag, slot.DeadlineTicks);
                        Assert.Same(handler, slot.Handler);
                        AssertUnansweredIsIntact(writes, answered);
                        answered += model[0].Frame.Length;
                        Assert.Equal(answered, slot.FrameEnd);
                        model.RemoveAt(0);
                        while (writes.TryPeek(out var oldest) && oldest.End <= answered)
                        {
                            writes.Dequeue();
                        }
                    }

                    break;
            }

            Assert.True(queue.Count == 0 || unsent.Count > 0 || answered < queue.HandedOver);
            Assert.True(unsent.Count == 0 || queue.HasSendable(queue.End) || answered < queue.HandedOver, "Neither a send nor a reply can go on.");
        }

        Assert.Equal(model.Select(one => one.Tag), queue.TakeAll().Select(slot => slot.Tag));
        Assert.Equal(0, queue.Count);
        Assert.False(queue.HasSendable(queue.End));
    }

    [Fact]
    public void WhatIsAnsweredBeforeItIsSentStaysUntilItIs()
    {
        RequestQueue queue = new(RespQueueLimits.Default);
        byte[] first = [.. Enumerable.Repeat((byte)'1', 6_000)];
        byte[] second = [.. Enumerable.Repeat((byte)'2', 6_000)];
        Append(queue, 1, first);
        ReadOnlyMemory<byte> underWay = queue.TakeSendable(queue.End);
        Assert.True(queue.TryTakeAnswered(Reply("+OK"), out _));
        Append(queue, 2, second);
        queue.AssertInvariants();
        Assert.Equal(first, underWay.ToArray());
        Assert.False(queue.TryTakeAnswered(Reply("+OK"), out _));
        queue.NoteSent();
        Assert.Equal(second, SendAll(queue));
        Assert.True(queue.TryTakeAnswered(Reply("+OK"), out ReplySlot slot));
        Assert.Equal(2, slot.Tag);
    }

    [Fact]
    public void AScriptForgottenBehindAnAnswerThatCameEarlyIsRepeatedWhole()
    {
        RequestQueue queue = new(RespQueueLimits.Default);
        Append(queue, 1, new byte[100]);
        queue.Append(Sending.Frame("EVALSHA", Script.Sha1, "0"), new RespRequest { Tag = 2, DeadlineTicks = 0, Script = Script });
        queue.TakeSendable(queue.End);
        Assert.True(queue.TryTakeAnswered(Reply("+OK"), out _));
        Assert.True(queue.TryTakeAnswered(Reply("-NOSCRIPT"), out _));
        queue.AssertInvariants();
        queue.NoteSent();
        Assert.Equal(Sending.Frame("EVAL", Script.Text, "0"), SendAll(queue));
    }

    [Fact]
    public void ALargeFrameBehindManyAnsweredOnesDoesNotUseUpTheWrites()
    {
        RequestQueue queue = new(RespQueueLimits.Default);
        for (int tag = 0; tag < 200; tag++)
        {
            Append(queue, tag, new byte[20]);
        }

        Append(queue, 200, new byte[1_000_000]);
        for (int tag = 0; tag <= 200; tag++)
        {
            while (queue.HasSendable(queue.End))
            {
                Send(queue);
                queue.AssertInvariants();
            }

            Assert.True(queue.TryTakeAnswered(Reply("+OK"), out ReplySlot slot));
            Assert.Equal(tag, slot.Tag);
        }

        for (int tag = 0; tag < 3 * MostWrites; tag++)
        {
            Append(queue, tag, new byte[20]);
            Assert.True(queue.HasSendable(queue.End));
            Send(queue);
            Assert.True(queue.TryTakeAnswered(Reply("+OK"), out _));
        }
    }

    [Fact]
    public void UnansweredWritesAreBounded()
    {
        RequestQueue queue = new(RespQueueLimits.Default);
        int writes = 0;
        for (int tag = 0; tag < 1000; tag++)
        {
            Append(queue, tag, new byte[20]);
            if (queue.HasSendable(queue.End))
            {
                Send(queue);
                writes++;
            }
        }

        Assert.Equal(MostWrites, writes);
        Assert.True(queue.TryTakeAnswered(Reply("+OK"), out _));
        Assert.True(queue.HasSendable(queue.End));
    }

    [Fact]
    public void NothingBehindTheSendableEndIsSent()
    {
        RequestQueue queue = new(RespQueueLimits.Default);
        Append(queue, 1, [1, 2, 3]);
        long handshakeEnd = queue.End;
        Append(queue, 2, [4, 5]);
        Assert.False(queue.HasSendable(0));
        Assert.Equal([1, 2, 3], queue.TakeSendable(handshakeEnd).ToArray());
        queue.NoteSent();
        Assert.False(queue.HasSendable(handshakeEnd));
        Assert.True(queue.TryTakeAnswered(Reply("+OK"), out _));
        Assert.False(queue.TryTakeAnswered(Reply("+OK"), out _));
        Assert.Equal([4, 5], queue.TakeSendable(queue.End).ToArray());
    }

    [Theory]
    [InlineData(RequestPriority.Ordinary, 3, 1024)]
    [InlineData(RequestPriority.Reserved, 5, 2048)]
    public void RoomIsBoundedInRequestsAndInBytes(RequestPriority priority, int requests, int bytes)
    {
        RespQueueLimits limits = new() { OrdinaryRequests = 3, OrdinaryBytes = 1024, AllRequests = 5, AllBytes = 2048 };
        RequestQueue queue = new(limits);
        Assert.True(queue.HasRoom(1_000_000, priority), "One frame alone always has room.");
        for (int tag = 0; tag < requests; tag++)
        {
            Assert.True(queue.HasRoom(10, priority));
            Append(queue, tag, new byte[10]);
        }

        Assert.False(queue.HasRoom(1, priority));
        queue.TakeAll();
        Append(queue, 0, new byte[bytes - 100]);
        Assert.True(queue.HasRoom(100, priority));
        Assert.False(queue.HasRoom(101, priority));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AForgottenScriptIsRepeatedWithItsTextWhereverItsFrameLies(int seed)
    {
        Random random = new(seed);
        RequestQueue queue = new(RespQueueLimits.Default);
        OutcomeRecorder handler = new();
        byte[] evalSha = Sending.Frame("EVALSHA", Script.Sha1, "1", "key", "argument");
        byte[] eval = Sending.Frame("EVAL", Script.Text, "1", "key", "argument");
        for (int round = 0; round < 2_000; round++)
        {
            // Moves the frame through every place of the ring, its wrap-around included.
            Append(queue, -1, new byte[1 + random.Next(300)]);
            queue.Append(evalSha, new RespRequest { Handler = handler, Tag = round, DeadlineTicks = 77, Script = Script });
            Append(queue, -2, [1]);
            SendAll(queue);
            Assert.True(queue.TryTakeAnswered(Reply("+OK"), out _));
            Assert.True(queue.TryTakeAnswered(Reply("-NOSCRIPT No matching script."), out ReplySlot forgotten));
            Assert.Null(forgotten.Handler);
            Assert.Equal(2, queue.Count);
            Assert.True(queue.TryTakeAnswered(Reply("+OK"), out ReplySlot between));
            Assert.Equal(-2, between.Tag);
            Assert.Equal(eval, SendAll(queue));
            Assert.True(queue.TryTakeAnswered(Reply("-NOSCRIPT No matching script."), out ReplySlot repeated));
            Assert.Same(handler, repeated.Handler);
            Assert.Equal((round, 77L), (repeated.Tag, repeated.DeadlineTicks));
            Assert.Equal(0, queue.Count);
            queue.AssertInvariants();
        }
    }

    [Fact]
    public void RepeatingAScriptInAFullRingOfSlotsKeepsTheLine()
    {
        RequestQueue queue = new(RespQueueLimits.Default);
        const int InitialSlots = 64;
        byte[] evalSha = Sending.Frame("EVALSHA", Script.Sha1, "0");
        for (int tag = 0; tag < InitialSlots; tag++)
        {
            queue.Append(evalSha, new RespRequest { Tag = tag, DeadlineTicks = 0, Script = Script });
        }

        SendAll(queue);
        Assert.True(queue.TryTakeAnswered(Reply("-NOSCRIPT"), out _));
        for (int tag = 1; tag < InitialSlots; tag++)
        {
            Assert.True(queue.TryTakeAnswered(Reply("+OK"), out ReplySlot slot));
            Assert.Equal(tag, slot.Tag);
        }

        SendAll(queue);
        Assert.True(queue.TryTakeAnswered(Reply("+OK"), out ReplySlot repeated));
        Assert.Equal(0, repeated.Tag);
    }

    private static void Append(RequestQueue queue, long tag, byte[] frame) =>
        queue.Append(frame, new RespRequest { Tag = tag, DeadlineTicks = long.MaxValue });

    // A frame is kept until it is answered, so that it can be repeated.
    private static void AssertUnansweredIsIntact(Queue<(long End, ReadOnlyMemory<byte> Memory, byte[] Copy)> writes, long answered)
    {
        foreach ((long end, ReadOnlyMemory<byte> memory, byte[] copy) in writes)
        {
            int from = (int)Math.Max(0, answered - (end - copy.Length));
            Assert.Equal(copy[from..], memory[from..].ToArray());
        }
    }

    private static byte[] Send(RequestQueue queue)
    {
        byte[] sent = queue.TakeSendable(queue.End).ToArray();
        queue.NoteSent();
        return sent;
    }

    private static byte[] SendAll(RequestQueue queue)
    {
        List<byte> sent = [];
        while (queue.HasSendable(queue.End))
        {
            sent.AddRange(Send(queue));
        }

        return [.. sent];
    }

    private static RespReply Reply(string line) => new((RespType)line[0], 0, Encoding.ASCII.GetBytes(line[1..]));
}
