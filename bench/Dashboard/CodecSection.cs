using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Bench;

/// <summary>The bytes alone: what it costs to make a SET frame and to read its reply.</summary>
internal static class CodecSection
{
    private const int Repeats = 20_000;

    public static Task RunAsync(Report report, bool quick)
    {
        FrameTemplate template = FrameTemplate.Acquire("cycle-name-of-16"u8, 8000);
        LockToken owner = new OwnerIdSource().Next();
        byte[] target = new byte[template.Length];
        byte[] source = new byte[template.Length];
        OwnerIdSource ids = new();
        RespReader reader = new();
        (string Name, Action Run)[] variants =
        [
            ("memcpy", () => { for (int i = 0; i < Repeats; i++) { source.AsSpan().CopyTo(target); } }),
            ("encode", () => { for (int i = 0; i < Repeats; i++) { template.Write(owner, target); } }),
            ("ok", () => Parse(ref reader, "+OK\r\n"u8)),
            ("one", () => Parse(ref reader, ":1\r\n"u8)),
            ("null", () => Parse(ref reader, "$-1\r\n"u8)),
            ("owner", () => { for (int i = 0; i < Repeats; i++) { ids.Next(); } }),
        ];
        double[] nanoseconds = [.. variants.Select(_ => double.MaxValue)];
        List<double>[] rounds = [.. variants.Select(_ => new List<double>())];
        for (int round = -20; round < (quick ? 50 : 300); round++)
        {
            for (int variant = 0; variant < variants.Length; variant++)
            {
                long start = Stopwatch.GetTimestamp();
                variants[variant].Run();
                if (round >= 0)
                {
                    rounds[variant].Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / Repeats);
                }
            }
        }

        for (int variant = 0; variant < variants.Length; variant++)
        {
            nanoseconds[variant] = Statistics.Median(rounds[variant]);
        }

        report.Add("codec.memcpy.ns", nanoseconds[0]);
        report.Add("codec.encode_set.ns", nanoseconds[1]);
        report.Add("codec.encode_set.vs_memcpy", nanoseconds[1] / nanoseconds[0], Goal.Most(4));
        report.Add("codec.parse_ok.ns", nanoseconds[2], Goal.Most(15));
        report.Add("codec.parse_one.ns", nanoseconds[3]);
        report.Add("codec.parse_null.ns", nanoseconds[4]);
        report.Add("codec.owner_id.ns", nanoseconds[5]);
        return Task.CompletedTask;
    }

    private static void Parse(ref RespReader reader, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < Repeats; i++)
        {
            if (reader.TryRead(bytes, out _, out int _) != RespReadStatus.Done)
            {
                throw new InvalidOperationException("not read");
            }
        }
    }
}
