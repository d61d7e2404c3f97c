using System.Buffers;
using BenchmarkDotNet.Attributes;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Bench;

/// <summary>Bytes alone: frames, replies, owner ids; the floor of a frame is a copy of its bytes.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly FrameTemplate _acquire = FrameTemplate.Acquire("cycle-name-of-16"u8, 8000);
    private readonly FrameTemplate _release = FrameTemplate.Release("cycle-name-of-16"u8, "{cycle-name-of-16}:waiting"u8);
    private readonly OwnerIdSource _ownerIds = new();
    private readonly byte[] _source = new byte[256];
    private readonly byte[] _target = new byte[256];
    private readonly ReadOnlySequence<byte> _splitOk = Split("+OK\r\n"u8);
    private LockToken _owner;
    private RespReader _reader;

    [GlobalSetup]
    public void SetUp() => _owner = _ownerIds.Next();

    [Benchmark(Baseline = true)]
    public void CopySet() => _source.AsSpan(0, _acquire.Length).CopyTo(_target);

    [Benchmark]
    public void EncodeSet() => _acquire.Write(_owner, _target);

    [Benchmark]
    public void EncodeEvalSha() => _release.Write(_owner, _target);

    [Benchmark]
    public void NextOwnerId() => _ownerIds.Next();

    [Benchmark]
    public RespReadStatus ParseOk() => _reader.TryRead("+OK\r\n"u8, out _, out int _);

    [Benchmark]
    public RespReadStatus ParseOne() => _reader.TryRead(":1\r\n"u8, out _, out int _);

    [Benchmark]
    public RespReadStatus ParseNull() => _reader.TryRead("$-1\r\n"u8, out _, out int _);

    [Benchmark]
    public RespReadStatus ParseSplitOk() => _reader.TryRead(_splitOk, out _, out long _);

    private static ReadOnlySequence<byte> Split(ReadOnlySpan<byte> bytes)
    {
        Segment first = new(bytes[..2].ToArray(), 0);
        Segment second = first.Append(bytes[2..].ToArray());
        return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
