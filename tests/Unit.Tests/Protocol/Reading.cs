using System.Buffers;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What one read gave, in a form that can be compared and kept.</summary>
internal readonly record struct Reading(RespReadStatus Status, RespValue Value, long Consumed)
{
    internal static byte[] Bytes(string payload) => Encoding.Latin1.GetBytes(payload);

    internal static Reading OfSpan(ref RespReader reader, ReadOnlySpan<byte> bytes)
    {
        RespReadStatus status = reader.TryRead(bytes, out RespReply reply, out int consumed);
        return Checked(reader, status, reply, consumed);
    }

    internal static Reading OfSequence(ref RespReader reader, ReadOnlySequence<byte> bytes)
    {
        RespReadStatus status = reader.TryRead(bytes, out RespReply reply, out long consumed);
        return Checked(reader, status, reply, consumed);
    }

    internal static Reading OfSpan(ReadOnlySpan<byte> bytes, RespLimits? limits = null)
    {
        RespReader reader = new RespReader(limits);
        return OfSpan(ref reader, bytes);
    }

    internal static Reading OfSequence(ReadOnlySequence<byte> bytes, RespLimits? limits = null)
    {
        RespReader reader = new RespReader(limits);
        return OfSequence(ref reader, bytes);
    }

    /// <summary>Feeds one byte more at a time until the reader has an answer, alternating the overloads if asked to.</summary>
    internal static Reading OfGrowing(byte[] bytes, Growth growth, RespLimits? limits = null)
    {
        RespReader reader = new RespReader(limits);
        Reading reading = default(Reading);
        for (int length = 0; length <= bytes.Length; length++)
        {
            bool span = growth switch
            {
                Growth.Span => true,
                Growth.Alternating => length % 2 == 0,
                _ => false,
            };
            reading = span
                ? OfSpan(ref reader, bytes.AsSpan(0, length))
                : OfSequence(ref reader, Segments.OfOneByteEach(bytes[..length]));
            if (reading.Status != RespReadStatus.NeedMore)
            {
                break;
            }
        }

        return reading;
    }

    private static Reading Checked(in RespReader reader, RespReadStatus status, RespReply reply, long consumed)
    {
        Assert.Equal(status == RespReadStatus.Invalid, reader.Fault is not null);
        if (status != RespReadStatus.Done)
        {
            Assert.Equal(0, consumed);
            Assert.Equal(RespType.None, reply.Type);
        }

        return new Reading(status, reply.ToValue(), consumed);
    }
}

/// <summary>Through which overload a growing payload is fed.</summary>
internal enum Growth
{
    Span,
    Segments,
    Alternating,
}
