using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>Reads a client's commands: arrays of bulk strings, or a line of words as typed into a terminal.</summary>
internal struct InMemoryRequestReader
{
    // Redis' own limit for such a line.
    private const int InlineLimit = 64 * 1024;

    /// <summary>Redis' own limit for an argument, and twice that for a command, which Redis bounds by its memory alone.</summary>
    public static readonly RespLimits Limits = new() { MaxBulkBytes = 512 * 1024 * 1024, MaxFrameBytes = 1024 * 1024 * 1024 };

    private RespReader _frames;
    private string? _fault;

    public InMemoryRequestReader() => _frames = new RespReader(Limits);

    public readonly string? Fault => _fault ?? _frames.Fault;

    /// <summary>Reads one command; an empty one, which Redis ignores, has no arguments.</summary>
    public RespReadStatus TryRead(in ReadOnlySequence<byte> buffer, InMemoryRequest request, out long consumed)
    {
        request.Clear();
        consumed = 0;
        if (buffer.IsEmpty)
        {
            return RespReadStatus.NeedMore;
        }

        if (buffer.FirstSpan[0] != (byte)'*')
        {
            return TryReadInline(buffer, request, out consumed);
        }

        RespReadStatus status = _frames.TryRead(buffer, out RespReply frame, out consumed);
        if (status != RespReadStatus.Done)
        {
            return status;
        }

        foreach (RespReply argument in frame)
        {
            if (argument.Type != RespType.BulkString || argument.IsNull)
            {
                _fault = argument.IsNull ? "invalid bulk length" : $"expected '$', got '{(char)argument.Type}'";
                return RespReadStatus.Invalid;
            }

            request.Add(argument.Bytes);
        }

        return RespReadStatus.Done;
    }

    private RespReadStatus TryReadInline(in ReadOnlySequence<byte> buffer, InMemoryRequest request, out long consumed)
    {
        consumed = 0;
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            if (buffer.Length <= InlineLimit)
            {
                return RespReadStatus.NeedMore;
            }

            _fault = "too big inline request";
            return RespReadStatus.Invalid;
        }

        ReadOnlySequence<byte> line = buffer.Slice(0, end);
        consumed = line.Length + 1;
        if (!InlineWords.TrySplit(line.ToArray(), request))
        {
            _fault = "unbalanced quotes in request";
            return RespReadStatus.Invalid;
        }

        return RespReadStatus.Done;
    }
}
