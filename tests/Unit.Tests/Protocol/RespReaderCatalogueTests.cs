using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Every payload of the catalogue, in every form in which a connection may deliver it.</summary>
public class RespReaderCatalogueTests
{
    public static TheoryData<string> Payloads { get; } = [.. RespCatalogue.All];

    [Fact]
    public void Catalogue_is_large_and_says_nothing_twice()
    {
        Assert.True(Payloads.Count >= 200);
        Assert.Equal(Payloads.Count, RespCatalogue.All.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Whole(string payload)
    {
        byte[] bytes = Reading.Bytes(payload);
        Assert.Equal(Expected(payload), Reading.OfSpan(bytes));
        Assert.Equal(Expected(payload), Reading.OfSequence(new ReadOnlySequence<byte>(bytes)));
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public void In_two_segments_at_every_split(string payload)
    {
        byte[] bytes = Reading.Bytes(payload);
        for (int split = 0; split <= bytes.Length; split++)
        {
            Assert.Equal(Expected(payload), Reading.OfSequence(Segments.CutAt(bytes, split)));
        }
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Arriving_in_two_parts_at_every_split(string payload)
    {
        byte[] bytes = Reading.Bytes(payload);
        for (int split = 0; split < bytes.Length; split++)
        {
            RespReader reader = new RespReader();
            Reading early = Reading.OfSpan(ref reader, bytes.AsSpan(0, split));
            Assert.NotEqual(RespReadStatus.Done, early.Status);
            Assert.Equal(Expected(payload), Reading.OfSequence(ref reader, Segments.CutAt(bytes, split)));

            reader = new RespReader();
            Reading.OfSequence(ref reader, Segments.CutAt(bytes[..split], split / 2));
            Assert.Equal(Expected(payload), Reading.OfSpan(ref reader, bytes));
        }
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public void As_one_byte_a_segment(string payload) =>
        Assert.Equal(Expected(payload), Reading.OfSequence(Segments.OfOneByteEach(Reading.Bytes(payload))));

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Growing_by_a_byte(string payload)
    {
        // Segments of one byte make the cost grow with the square: the long payloads are cut elsewhere.
        byte[] bytes = Reading.Bytes(payload.Length > 200 ? payload[..200] : payload);
        Reading expected = Reading.OfSpan(bytes);
        Assert.Equal(expected, Reading.OfGrowing(bytes, Growth.Span));
        Assert.Equal(expected, Reading.OfGrowing(bytes, Growth.Segments));
        Assert.Equal(expected, Reading.OfGrowing(bytes, Growth.Alternating));
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public void With_empty_segments_around(string payload)
    {
        byte[] bytes = Reading.Bytes(payload);
        int middle = bytes.Length / 2;
        Assert.Equal(Expected(payload), Reading.OfSequence(Segments.CutAt(bytes, 0, 0, middle, middle, bytes.Length)));
    }

    [Fact]
    public void With_a_second_frame_behind_at_every_split()
    {
        foreach ((string? payload, RespValue value) in RespCatalogue.Values)
        {
            int length = payload.Length;
            byte[] bytes = Reading.Bytes(payload + "*1\r\n:42\r\n");
            RespValue next = RespValue.Array(RespValue.FromInteger(42));
            for (int split = 0; split <= bytes.Length; split++)
            {
                RespReader reader = new RespReader();
                ReadOnlySequence<byte> sequence = Segments.CutAt(bytes, split);
                Assert.Equal(new Reading(RespReadStatus.Done, value, length), Reading.OfSequence(ref reader, sequence));
                Assert.Equal(new Reading(RespReadStatus.Done, next, 9), Reading.OfSequence(ref reader, sequence.Slice(length)));
            }

            RespReader whole = new RespReader();
            Assert.Equal(new Reading(RespReadStatus.Done, value, length), Reading.OfSpan(ref whole, bytes));
            Assert.Equal(new Reading(RespReadStatus.Done, next, 9), Reading.OfSpan(ref whole, bytes.AsSpan(length)));
        }
    }

    private static Reading Expected(string payload)
    {
        foreach ((string? whole, RespValue value) in RespCatalogue.Values)
        {
            if (whole == payload)
            {
                return new Reading(RespReadStatus.Done, value, payload.Length);
            }
        }

        bool incomplete = Array.IndexOf(RespCatalogue.Incomplete, payload) >= 0;
        return new Reading(incomplete ? RespReadStatus.NeedMore : RespReadStatus.Invalid, default, 0);
    }
}
