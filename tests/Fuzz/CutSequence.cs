using System.Buffers;

namespace Redlock.Fast.Fuzz;

/// <summary>Bytes cut into segments that are used again and again.</summary>
internal sealed class CutSequence
{
    public const int MostCuts = 4;

    private readonly Segment[] _segments;

    public CutSequence()
    {
        _segments = new Segment[MostCuts + 1];
        for (int index = 0; index < _segments.Length; index++)
        {
            _segments[index] = new Segment();
        }
    }

    /// <summary>Cuts at random places, often none, sometimes the same twice; valid until the next call.</summary>
    public ReadOnlySequence<byte> Cut(byte[] bytes, int start, int end, ref FuzzRandom random)
    {
        int cuts = random.Below(MostCuts + 1);
        int position = start;
        for (int index = 0; index < cuts; index++)
        {
            // Most interesting are the first bytes, where every header stands.
            int reach = random.Below(2) == 0 ? Math.Min(end - position, 16) : end - position;
            int next = position + random.Below(reach + 1);
            _segments[index].Set(bytes.AsMemory(position, next - position), position - start, _segments[index + 1]);
            position = next;
        }

        _segments[cuts].Set(bytes.AsMemory(position, end - position), position - start, null);
        return new ReadOnlySequence<byte>(_segments[0], 0, _segments[cuts], end - position);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public void Set(ReadOnlyMemory<byte> memory, long runningIndex, Segment? next)
        {
            Memory = memory;
            RunningIndex = runningIndex;
            Next = next;
        }
    }
}
