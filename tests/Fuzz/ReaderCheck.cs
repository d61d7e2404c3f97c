using System.Buffers;
using System.Numerics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Fuzz;

/// <summary>Reads one input in every way, and complains if the reader does what it must never do.</summary>
internal sealed class ReaderCheck
{
    // What a reader may allocate, however little came: the text of a fault, and the counts of the arrays that are open.
    // Beyond that it copies what came, doubling its room. A length that was believed would cost a megabyte.
    private const int Readers = 3;
    private const int FaultBytes = 4096;
    private const int BytesALevel = 4;
    private const int CopiesAReader = 6;

    // An empty simple string.
    private const int SmallestFrame = 3;

    private static readonly RespLimits[] _limits =
    [
        RespLimits.Default,
        new() { MaxLineBytes = 20, MaxBulkBytes = 24, MaxDepth = 3, MaxFrameBytes = 64 },
        new() { MaxDepth = 1024, MaxFrameBytes = 256 },
    ];

    private readonly CutSequence _sequence = new();
    private readonly CutSequence _growing = new();

    /// <summary>What the input that was checked last led to, as a number to compare with others.</summary>
    public ulong Behaviour { get; private set; }

    /// <summary>Reads the first bytes of a buffer; everything else that matters comes from the seed.</summary>
    /// <returns>What is wrong with the reader, or null.</returns>
    public string? Check(byte[] buffer, int length, ulong seed)
    {
        FuzzRandom random = new(seed);
        int kind = random.Below(_limits.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string? problem;
        try
        {
            problem = Read(buffer, length, _limits[kind], ref random);
        }
        catch (Exception thrown)
        {
            return $"it threw {thrown}";
        }

        Behaviour = (Behaviour * 31) + (ulong)kind;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long allowed = Readers * (FaultBytes + (BytesALevel * _limits[kind].MaxDepth) + ((long)CopiesAReader * length));
        return problem ?? (allocated <= allowed ? null : $"it allocated {allocated} bytes for an input of {length}, more than {allowed}");
    }

    private string? Read(byte[] buffer, int length, RespLimits limits, ref FuzzRandom random)
    {
        RespReader whole = new(limits);
        RespReader cut = new(limits);
        RespReader grown = new(limits);
        int start = 0;
        ulong behaviour = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = buffer.AsSpan(start, length - start);
            RespReadStatus status = whole.TryRead(rest, out RespReply reply, out int consumed);
            behaviour = Feature(behaviour, whole, status, reply, rest);

            ReadOnlySequence<byte> sequence = _sequence.Cut(buffer, start, length, ref random);
            RespReadStatus cutStatus = cut.TryRead(sequence, out RespReply cutReply, out long cutConsumed);
            if (cutStatus != status || cutConsumed != consumed || !AreSame(reply, cutReply))
            {
                return $"at byte {start} as a span it is {status} of {consumed} bytes, as a sequence {cutStatus} of {cutConsumed}, or "
                    + "the values differ";
            }

            if (Grow(ref grown, buffer, start, length, status, reply, consumed, ref random) is { } growing)
            {
                return growing;
            }

            if (status != RespReadStatus.Done)
            {
                Behaviour = behaviour;
                return consumed != 0 || reply.Type != RespType.None ? $"{status} came with {consumed} bytes of {reply.Type}"
                    : status == RespReadStatus.Invalid ? CheckSticky(ref whole, ref cut, sequence)
                    : whole.Fault is null && cut.Fault is null ? null : "a fault was told where none was found";
            }

            if (consumed < SmallestFrame || consumed > rest.Length)
            {
                return $"at byte {start} it consumed {consumed} of {rest.Length} bytes";
            }

            start += consumed;
        }
    }

    private string? Grow(
        ref RespReader reader, byte[] buffer, int start, int end, RespReadStatus expected, in RespReply reply,
        int consumed, ref FuzzRandom random)
    {
        int length = 0;
        while (true)
        {
            // Byte by byte through the headers now and then; else in few steps.
            int missing = end - start - length;
            length += random.Below(4) == 0 ? Math.Min(missing, 1 + random.Below(3)) : random.Below(missing + 1);
            length = random.Below(8) == 0 ? end - start : length;
            RespReadStatus status;
            long read;
            RespReply grown;
            if (random.Below(2) == 0)
            {
                status = reader.TryRead(buffer.AsSpan(start, length), out grown, out int count);
                read = count;
            }
            else
            {
                status = reader.TryRead(_growing.Cut(buffer, start, start + length, ref random), out grown, out read);
            }

            if (status == RespReadStatus.NeedMore && length < end - start)
            {
                continue;
            }

            return status == expected && read == consumed && AreSame(reply, grown)
                ? null
                : $"at byte {start} it is {expected} of {consumed} bytes, growing to {length} bytes {status} of {read}, or "
                    + "the values differ";
        }
    }

    private static string? CheckSticky(ref RespReader whole, ref RespReader cut, in ReadOnlySequence<byte> sequence)
    {
        if (whole.Fault is not { } fault || cut.Fault is null)
        {
            return "it is invalid and no fault is told";
        }

        bool holds = whole.TryRead("+OK\r\n"u8, out _, out int consumed) == RespReadStatus.Invalid
            && whole.TryRead(default, out _, out _) == RespReadStatus.Invalid
            && consumed == 0
            && ReferenceEquals(whole.Fault, fault)
            && cut.TryRead(sequence, out _, out long _) == RespReadStatus.Invalid
            && cut.TryRead(ReadOnlySequence<byte>.Empty, out _, out long _) == RespReadStatus.Invalid;
        return holds ? null : "it believed something behind what was invalid";
    }

    private static bool AreSame(in RespReply one, in RespReply other)
    {
        if (one.Type != other.Type || one.IsNull != other.IsNull || one.Integer != other.Integer || one.Count != other.Count
            || !one.Bytes.SequenceEqual(other.Bytes))
        {
            return false;
        }

        if (one.Count == 0)
        {
            return true;
        }

        RespReply.Enumerator others = other.GetEnumerator();
        foreach (RespReply item in one)
        {
            if (!others.MoveNext() || !AreSame(item, others.Current))
            {
                return false;
            }
        }

        return !others.MoveNext();
    }

    /// <summary>
    /// What tells one read from another: what was read last, and then how it ended and on what it broke off.
    /// Coarse on purpose: what is kept must be few, or it leads nowhere.
    /// </summary>
    private static ulong Feature(ulong before, in RespReader reader, RespReadStatus status, in RespReply reply, ReadOnlySpan<byte> rest)
    {
        if (status == RespReadStatus.Done)
        {
            return (ulong)reply.Type | ((ulong)BitOperations.Log2((uint)reply.Count + 1) << 16) | (reply.IsNull ? 1UL << 24 : 0);
        }

        ulong end = before | ((ulong)status << 32);
        if (!rest.IsEmpty)
        {
            end |= ((ulong)ClassOf(rest[0]) << 36)
                | ((ulong)BitOperations.Log2((uint)Depth(rest) + 1) << 48)
                | ((ulong)ClassOf(rest[^1]) << 56);
        }

        return reader.Fault is { } fault ? end ^ (KindOf(fault) << 40) : end;
    }

    // The headers of arrays at the start, which are the ones that nest.
    private static int Depth(ReadOnlySpan<byte> bytes)
    {
        const int deepest = 40;
        int depth = 0;
        while (!bytes.IsEmpty && bytes[0] == '*' && depth < deepest)
        {
            depth++;
            int end = bytes.IndexOf((byte)'\n');
            bytes = end < 0 ? default : bytes[(end + 1)..];
        }

        return depth;
    }

    private static int ClassOf(byte value) => value switch
    {
        (byte)'\r' => 1,
        (byte)'\n' => 2,
        (byte)'-' => 3,
        >= (byte)'0' and <= (byte)'9' => 4,
        (byte)'+' => 5,
        (byte)':' => 6,
        (byte)'$' => 7,
        (byte)'*' => 8,
        < 0x20 => 9,
        > 0x7e => 10,
        _ => 0,
    };

    // Every kind of fault begins with words of its own; the excerpt stands behind them.
    private static ulong KindOf(string fault)
    {
        const int tellingLength = 21;
        ulong kind = 0xCBF29CE484222325;
        foreach (char letter in fault.AsSpan(0, Math.Min(fault.Length, tellingLength)))
        {
            kind = (kind ^ letter) * 0x100000001B3;
        }

        return kind | 1;
    }
}
