using System.Collections.Concurrent;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

// Keeps everything it is told, so that being told twice shows.
internal sealed class OutcomeRecorder : ReplyHandler
{
    private readonly ConcurrentQueue<(long Tag, RequestFailure Failure, RespValue Reply)> _told = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public (long Tag, RequestFailure Failure, RespValue Reply)[] Told => [.. _told];

    public Action<long>? Then { get; init; }

    public override void OnReply(long tag, in RespReply reply) => Add(tag, RequestFailure.None, reply.ToValue());

    public override void OnFailure(long tag, RequestFailure failure) => Add(tag, failure, default);

    public Task WaitFor(int count) => Eventually.Holds(() => Count >= count, $"{count} outcomes; there were {Count}");

    public RequestFailure FailureOf(long tag) => Single(tag).Failure;

    public string? ReplyTo(long tag)
    {
        (long _, RequestFailure failure, RespValue reply) = Single(tag);
        Assert.Equal(RequestFailure.None, failure);
        return reply.AsString();
    }

    public void AssertToldOnce(int requests)
    {
        Assert.Equal(requests, Told.Select(outcome => outcome.Tag).Distinct().Count());
        Assert.Equal(requests, Count);
    }

    private (long Tag, RequestFailure Failure, RespValue Reply) Single(long tag) => Assert.Single(_told, outcome => outcome.Tag == tag);

    private void Add(long tag, RequestFailure failure, RespValue reply)
    {
        _told.Enqueue((tag, failure, reply));
        Interlocked.Increment(ref _count);
        Then?.Invoke(tag);
    }
}

internal static class Sending
{
    public static byte[] Frame(params ReadOnlySpan<string> arguments)
    {
        System.Buffers.ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, arguments);
        return frame.WrittenSpan.ToArray();
    }

    public static byte[] Frame(params ReadOnlySpan<byte[]> arguments)
    {
        System.Buffers.ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteArrayHeader(frame, arguments.Length);
        foreach (byte[] argument in arguments)
        {
            RespWriter.WriteBulkString(frame, argument);
        }

        return frame.WrittenSpan.ToArray();
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static RespTicket Echo(
        this RespChannel node, ReplyHandler handler, long tag, TimeSpan? limit = null,
        RequestPriority priority = RequestPriority.Ordinary) =>
        node.TrySend(Frame("ECHO", Text(tag)), Request(node, handler, tag, limit, priority));

    public static RespRequest Request(
        RespChannel node, ReplyHandler? handler, long tag, TimeSpan? limit = null,
        RequestPriority priority = RequestPriority.Ordinary) => new()
        {
            Handler = handler,
            Tag = tag,
            DeadlineTicks = node.TimeProvider.GetTimestamp() + ClockTicks.Of(node.TimeProvider, limit ?? Eventually.Patience),
            Priority = priority,
        };

    public static string Text(long tag) => tag.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
