using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Frames damaged at random, from a fixed seed: whatever comes, every way of reading it gives the same.</summary>
public class RespReaderMutationTests
{
    private const int Inputs = 20_000;
    private const int LongestInput = 120;
    private const string Alphabet = "+-:$*\r\n0123456789_a\0\xff";

    private static readonly RespLimits Tight = new() { MaxLineBytes = 20, MaxBulkBytes = 24, MaxDepth = 3, MaxFrameBytes = 64 };

    [Fact]
    public void Every_way_of_reading_agrees()
    {
        Random random = new Random(20240607);
        int[] seen = new int[3];
        for (int input = 0; input < Inputs; input++)
        {
            byte[] bytes = Mutated(random);
            RespLimits limits = random.Next(2) == 0 ? RespLimits.Default : Tight;
            try
            {
                foreach (Reading reading in Frames(random, bytes, limits))
                {
                    seen[(int)reading.Status]++;
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Input {input} failed: {Convert.ToHexString(bytes)}", exception);
            }
        }

        // A mutation that only ever broke frames, or never did, would prove nothing.
        Assert.All(seen, count => Assert.InRange(count, 1000, int.MaxValue));
    }

    private static List<Reading> Frames(Random random, byte[] bytes, RespLimits limits)
    {
        RespReader whole = new RespReader(limits);
        RespReader segmented = new RespReader(limits);
        List<Reading> readings = new List<Reading>();
        byte[] rest = bytes;
        while (true)
        {
            Reading reading = Reading.OfSpan(ref whole, rest);
            Assert.Equal(reading, Reading.OfSequence(ref segmented, Segments.CutAt(rest, Offsets(random, rest.Length))));
            Assert.Equal(reading, Reading.OfSequence(Segments.OfOneByteEach(rest), limits));
            Assert.Equal(reading, Growing(random, rest, limits));
            readings.Add(reading);
            if (reading.Status != RespReadStatus.Done)
            {
                return readings;
            }

            // Each turn takes bytes away, so the walk ends.
            Assert.InRange(reading.Consumed, 3, rest.Length);
            rest = rest[(int)reading.Consumed..];
        }
    }

    private static Reading Growing(Random random, byte[] bytes, RespLimits limits)
    {
        RespReader reader = new RespReader(limits);
        int length = 0;
        while (true)
        {
            length = Math.Min(bytes.Length, length + random.Next(1, 12));
            byte[] part = bytes[..length];
            Reading reading = random.Next(2) == 0
                ? Reading.OfSpan(ref reader, part)
                : Reading.OfSequence(ref reader, Segments.CutAt(part, Offsets(random, length)));
            if (reading.Status != RespReadStatus.NeedMore || length == bytes.Length)
            {
                return reading;
            }
        }
    }

    private static int[] Offsets(Random random, int length)
    {
        int[] offsets = new int[random.Next(0, 4)];
        for (int index = 0; index < offsets.Length; index++)
        {
            offsets[index] = random.Next(0, length + 1);
        }

        Array.Sort(offsets);
        return offsets;
    }

    private static byte[] Mutated(Random random)
    {
        List<byte> bytes = new List<byte>();
        for (int frames = random.Next(1, 4); frames > 0; frames--)
        {
            bytes.AddRange(Reading.Bytes(RespCatalogue.Values[random.Next(RespCatalogue.Values.Length)].Payload));
        }

        if (bytes.Count > LongestInput)
        {
            bytes.RemoveRange(LongestInput, bytes.Count - LongestInput);
        }

        for (int changes = random.Next(0, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            int index = random.Next(bytes.Count);
            byte value = (byte)Alphabet[random.Next(Alphabet.Length)];
            switch (random.Next(4))
            {
                case 0: bytes[index] = value; break;
                case 1: bytes.Insert(index, value); break;
                case 2: bytes.RemoveAt(index); break;
                default: bytes.RemoveRange(index, bytes.Count - index); break;
            }
        }

        return [.. bytes];
    }
}
