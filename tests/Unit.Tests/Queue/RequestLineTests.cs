using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class RequestLineTests
{
    private const int MostWriteBytes = 64 * 1024;

    private static readonly RespScript Script = new("return 1");

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 3_000)]
    [InlineData(3, 40_000)]
    [InlineData(4, 200_000)]
    public void It_sends_and_answers_as_a_plain_list_does(int seed, int mostBytes)
    {
        Random random = new(seed);
        RequestLine line = new();
        OutcomeRecorder handler = new();
        List<(long Tag, byte[] Frame)> model = [];
        Queue<(long End, ReadOnlyMemory<byte> Memory, byte[] Copy)> writes = new();
        (ReadOnlyMemory<byte> Memory, byte[]? Copy) underWay = default;
        List<byte> unsent = [];
        long answered = 0;
        for (int step = 0; step < 4_000; step++)
        {
            line.AssertInvariants();
            Assert.Equal(model.Count, line.Count);
            if (underWay.Copy is not null)
            {
                Assert.Equal(underWay.Copy, underWay.Memory.ToArray());
            }

            switch (random.Next(4))
            {
                case 0 when unsent.Count < 1_000_000:
                    byte[] frame = new byte[1 + random.Next(random.Next(10) == 0 ? mostBytes : 50)];
                    random.NextBytes(frame);
                    line.Append(frame, new ReplySlot { Handler = handler, Tag = step, DeadlineTicks = step });
                    model.Add((step, frame));
                    unsent.AddRange(frame);
                    break;

                case 1 when underWay.Copy is null && line.HasSendable:
                    ReadOnlyMemory<byte> stretch = line.TakeSendable();
                    Assert.False(stretch.IsEmpty);
                    Assert.Equal(unsent.GetRange(0, stretch.Length), stretch.ToArray());
                    unsent.RemoveRange(0, stretch.Length);
                    underWay = (stretch, stretch.ToArray());
                    writes.Enqueue((line.HandedOver, stretch, stretch.ToArray()));
                    Assert.InRange(stretch.Length, 1, Math.Max(MostWriteBytes, model[0].Frame.Length));
                    break;

                case 3 when underWay.Copy is not null:
                    line.NoteSent();
                    underWay = default;
                    break;

                case 2 when model.Count > 0:
                    bool isOut = answered + model[0].Frame.Length <= line.HandedOver;
                    Assert.Equal(isOut, line.TryTakeAnswered(Reply("+OK"), out ReplySlot slot, out _));
                    if (isOut)
                    {
                        Assert.Equal(model[0].Tag, slot.Tag);
                        Assert.Equal(model[0].Tag, slot.DeadlineTicks);
                        Assert.Same(handler, slot.Handler);
                        AssertUnansweredIsIntact(writes, answered);
                        answered += model[0].Frame.Length;
                        Assert.Equal(answered, slot.FrameEnd);
                        model.RemoveAt(0);
                        while (writes.TryPeek(out (long End, ReadOnlyMemory<byte> Memory, byte[] Copy) oldest) && oldest.End <= answered)
                        {
                            writes.Dequeue();
                        }
                    }

                    break;
            }

            Assert.True(line.Count == 0 || unsent.Count > 0 || answered < line.HandedOver);
            Assert.Equal(unsent.Count > 0, line.HasSendable);
            Assert.Equal(line.End - answered, line.UnansweredBytes);
        }

        List<ReplySlot> rest = [];
        line.TakeAll(rest);
        Assert.Equal(model.Select(one => one.Tag), rest.Select(slot => slot.Tag));
        Assert.Equal(0, line.Count);
        Assert.False(line.HasSendable);
    }

    [Fact]
    public void What_is_answered_before_it_is_sent_stays_until_it_is()
    {
        RequestLine line = new();
        byte[] first = [.. Enumerable.Repeat((byte)'1', 6_000)];
        byte[] second = [.. Enumerable.Repeat((byte)'2', 6_000)];
        Append(line, 1, first);
        ReadOnlyMemory<byte> underWay = line.TakeSendable();
        Assert.True(line.TryTakeAnswered(Reply("+OK"), out _, out _));
        Append(line, 2, second);
        line.AssertInvariants();
        Assert.Equal(first, underWay.ToArray());
        Assert.False(line.TryTakeAnswered(Reply("+OK"), out _, out _));
        line.NoteSent();
        Assert.Equal(second, SendAll(line));
        Assert.True(line.TryTakeAnswered(Reply("+OK"), out ReplySlot slot, out _));
        Assert.Equal(2, slot.Tag);
    }

    [Fact]
    public void A_script_forgotten_behind_an_answer_that_came_early_is_repeated_whole()
    {
        RequestLine line = new();
        Append(line, 1, new byte[100]);
        line.Append(Sending.Frame("EVALSHA", Script.Sha1, "0"), new ReplySlot { Tag = 2, DeadlineTicks = 0, Script = Script });
        line.TakeSendable();
        Assert.True(line.TryTakeAnswered(Reply("+OK"), out _, out _));
        Assert.True(line.TryTakeAnswered(Reply("-NOSCRIPT"), out _, out _));
        line.AssertInvariants();
        line.NoteSent();
        Assert.Equal(Sending.Frame("EVAL", Script.Text, "0"), SendAll(line));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_forgotten_script_is_repeated_with_its_text_wherever_its_frame_lies(int seed)
    {
        Random random = new(seed);
        RequestLine line = new();
        OutcomeRecorder handler = new();
        byte[] evalSha = Sending.Frame("EVALSHA", Script.Sha1, "1", "key", "argument");
        byte[] eval = Sending.Frame("EVAL", Script.Text, "1", "key", "argument");
        for (int round = 0; round < 2_000; round++)
        {
            // Moves the frame through every place of the ring, its wrap-around included.
            Append(line, -1, new byte[1 + random.Next(300)]);
            line.Append(evalSha, new ReplySlot { Handler = handler, Tag = round, DeadlineTicks = 77, Script = Script });
            Append(line, -2, [1]);
            SendAll(line);
            Assert.True(line.TryTakeAnswered(Reply("+OK"), out _, out _));
            Assert.True(line.TryTakeAnswered(Reply("-NOSCRIPT No matching script."), out ReplySlot forgotten, out bool isRepeated));
            Assert.True(isRepeated);
            Assert.Equal(round, forgotten.Tag);
            Assert.Equal(2, line.Count);
            Assert.True(line.TryTakeAnswered(Reply("+OK"), out ReplySlot between, out _));
            Assert.Equal(-2, between.Tag);
            Assert.Equal(eval, SendAll(line));
            Assert.True(line.TryTakeAnswered(Reply("-NOSCRIPT No matching script."), out ReplySlot repeated, out _));
            Assert.Same(handler, repeated.Handler);
            Assert.Equal((round, 77L), (repeated.Tag, repeated.DeadlineTicks));
            Assert.Equal(0, line.Count);
            line.AssertInvariants();
        }
    }

    [Theory]
    [InlineData("-NOSCRIPT No matching script.", ScriptRoute.DigestElseText)]
    [InlineData("-ERR unknown command 'EVALSHA'", ScriptRoute.Text)]
    [InlineData("-NOPERM this user has no permissions to run the 'evalsha' command", ScriptRoute.Text)]
    internal void What_was_undone_meanwhile_is_not_repeated_behind_that(string refusal, ScriptRoute route)
    {
        foreach (bool isWanted in (bool[])[true, false])
        {
            RequestLine line = new();
            Undoing asker = new(isWanted);
            byte[] evalSha = Sending.Frame("EVALSHA", Script.Sha1, "0");
            line.Append(evalSha, new ReplySlot { Handler = asker, Asker = asker, Tag = 1, DeadlineTicks = 0, Script = Script });
            SendAll(line);
            line.Route = route;
            Append(line, 2, [1]);
            Assert.True(line.TryTakeAnswered(Reply(refusal), out _, out _));
            Assert.Equal(isWanted ? 2 : 1, line.Count);
            Assert.Equal([1, .. isWanted ? Sending.Frame("EVAL", Script.Text, "0") : []], SendAll(line));
        }
    }

    [Fact]
    public void A_node_that_was_taken_for_one_without_EVAL_shows_that_it_has_no_EVALSHA()
    {
        RequestLine line = new() { Route = ScriptRoute.DigestElseLoad };
        byte[] evalSha = Sending.Frame("EVALSHA", Script.Sha1, "0");
        byte[] eval = Sending.Frame("EVAL", Script.Text, "0");
        line.Append(evalSha, new ReplySlot { Tag = 1, DeadlineTicks = 0, Script = Script });
        SendAll(line);
        Assert.True(line.TryTakeAnswered(Reply("-NOPERM no permission to access one of the keys"), out _, out _));
        Assert.Equal((0, ScriptRoute.DigestElseLoad), (line.Count, line.Route));

        line.Append(evalSha, new ReplySlot { Tag = 2, DeadlineTicks = 0, Script = Script });
        SendAll(line);
        Assert.True(line.TryTakeAnswered(Reply("-ERR unknown command 'EVALSHA'"), out _, out _));
        line.Append(evalSha, new ReplySlot { Tag = 3, DeadlineTicks = 0, Script = Script });
        Assert.Equal([.. eval, .. eval], SendAll(line));
        Assert.True(line.TryTakeAnswered(Reply("-ERR unknown command 'EVAL'"), out ReplySlot repeated, out _));
        Assert.Equal((2, 1), (repeated.Tag, line.Count));
    }

    [Fact]
    public void Repeating_a_script_in_a_full_ring_of_slots_keeps_the_line()
    {
        RequestLine line = new();
        const int InitialSlots = 64;
        byte[] evalSha = Sending.Frame("EVALSHA", Script.Sha1, "0");
        for (int tag = 0; tag < InitialSlots; tag++)
        {
            line.Append(evalSha, new ReplySlot { Tag = tag, DeadlineTicks = 0, Script = Script });
        }

        SendAll(line);
        Assert.True(line.TryTakeAnswered(Reply("-NOSCRIPT"), out _, out _));
        for (int tag = 1; tag < InitialSlots; tag++)
        {
            Assert.True(line.TryTakeAnswered(Reply("+OK"), out ReplySlot slot, out _));
            Assert.Equal(tag, slot.Tag);
        }

        SendAll(line);
        Assert.True(line.TryTakeAnswered(Reply("+OK"), out ReplySlot repeated, out _));
        Assert.Equal(0, repeated.Tag);
    }

    private static void Append(RequestLine line, long tag, byte[] frame) =>
        line.Append(frame, new ReplySlot { Tag = tag, DeadlineTicks = long.MaxValue });

    // A frame is kept until it is answered, so that it can be repeated.
    private static void AssertUnansweredIsIntact(Queue<(long End, ReadOnlyMemory<byte> Memory, byte[] Copy)> writes, long answered)
    {
        foreach ((long end, ReadOnlyMemory<byte> memory, byte[] copy) in writes)
        {
            int from = (int)Math.Max(0, answered - (end - copy.Length));
            Assert.Equal(copy[from..], memory[from..].ToArray());
        }
    }

    private static byte[] Send(RequestLine line)
    {
        byte[] sent = line.TakeSendable().ToArray();
        line.NoteSent();
        return sent;
    }

    private static byte[] SendAll(RequestLine line)
    {
        List<byte> sent = [];
        while (line.HasSendable)
        {
            sent.AddRange(Send(line));
        }

        return [.. sent];
    }

    private static RespReply Reply(string line) => new((RespType)line[0], 0, Encoding.ASCII.GetBytes(line[1..]));

    private sealed class Undoing(bool isWanted) : ReplyHandler
    {
        public override bool Wants(long tag) => isWanted;

        public override void OnReply(long tag, in RespReply reply)
        {
        }

        public override void OnFailure(long tag, RequestFailure failure)
        {
        }
    }
}
