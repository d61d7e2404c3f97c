using System.Buffers;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Bytes cut into the segments of a sequence.</summary>
internal static class Segments
{
    /// <summary>Cuts at the given offsets; an offset given twice makes an empty segment.</summary>
    internal static ReadOnlySequence<byte> CutAt(byte[] bytes, params ReadOnlySpan<int> offsets)
    {
        int start = 0;
        Segment? first = null;
        Segment? last = null;
        foreach (int offset in offsets)
        {
            Add(bytes.AsMemory(start..offset));
            start = offset;
        }

        Add(bytes.AsMemory(start));
        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);

        void Add(ReadOnlyMemory<byte> memory)
        {
            last = last is null ? first = new Segment(memory) : last.Append(memory);
        }
    }

    internal static ReadOnlySequence<byte> OfOneByteEach(byte[] bytes)
    {
        int[] offsets = new int[Math.Max(bytes.Length - 1, 0)];
        for (int index = 0; index < offsets.Length; index++)
        {
            offsets[index] = index + 1;
        }

        return CutAt(bytes, offsets);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        internal Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
