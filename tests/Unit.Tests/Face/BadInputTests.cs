using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

public class BadInputTests
{
    private static readonly ManualTimeProvider _clock = new();

    public static TheoryData<MutexOptions, string, string> RefusedOptions => new()
    {
        { new MutexOptions { Expiry = TimeSpan.FromMicroseconds(999) }, "options.Expiry", "between 1 ms and 24 days" },
        { new MutexOptions { Expiry = TimeSpan.Zero }, "options.Expiry", "between 1 ms and 24 days" },
        { new MutexOptions { Expiry = TimeSpan.FromSeconds(-1) }, "options.Expiry", "between 1 ms and 24 days" },
        { new MutexOptions { Expiry = TimeSpan.FromDays(24) + TimeSpan.FromTicks(1) }, "options.Expiry", "between 1 ms and 24 days" },
        { new MutexOptions { Expiry = TimeSpan.FromMilliseconds(1) }, "options.Expiry", "above the drift" },
        { new MutexOptions { Expiry = TimeSpan.FromMilliseconds(2), Factor = 0 }, "options.Expiry", "above the drift" },
        { new MutexOptions { Expiry = TimeSpan.FromMilliseconds(20), Factor = 0.9 }, "options.Expiry", "above the drift" },
        { new MutexOptions { Tries = 0 }, "options.Tries", "1 or more" },
        { new MutexOptions { Tries = -1 }, "options.Tries", "1 or more" },
        { new MutexOptions { Delay = TimeSpan.FromTicks(-1) }, "options.Delay", "between zero and 12 days" },
        { new MutexOptions { Delay = TimeSpan.FromDays(12) + TimeSpan.FromTicks(1) }, "options.Delay", "between zero and 12 days" },
        { new MutexOptions { Factor = -0.1 }, "options.Factor", "0 or more and below 1" },
        { new MutexOptions { Factor = 1 }, "options.Factor", "0 or more and below 1" },
        { new MutexOptions { Factor = double.NaN }, "options.Factor", "0 or more and below 1" },
        { new MutexOptions { Factor = double.PositiveInfinity }, "options.Factor", "0 or more and below 1" },
        { new MutexOptions { Quorum = 2 }, "options.Quorum", "(3 to 4)" },
        { new MutexOptions { Quorum = 5 }, "options.Quorum", "(3 to 4)" },
        { new MutexOptions { Quorum = 0 }, "options.Quorum", "(3 to 4)" },
        { new MutexOptions { NodeTimeLimit = TimeSpan.Zero }, "options.NodeTimeLimit", "above zero and below the validity (7918 ms)" },
        { new MutexOptions { NodeTimeLimit = TimeSpan.FromMilliseconds(7918) }, "options.NodeTimeLimit", "below the validity (7918 ms)" },
        { new MutexOptions { Continuation = (ContinuationMode)9 }, "options.Continuation", "a named mode" },
        { new MutexOptions { Release = (ReleaseMode)9 }, "options.Release", "a named mode" },
    };

    [Theory]
    [MemberData(nameof(RefusedOptions), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_bounds_is_named_with_its_bound(MutexOptions options, string parameter, string bound)
    {
        using RedlockFactory factory = new(Channels(4));
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(
            parameter, () => factory.CreateMutex("door", options));
        Assert.Contains(bound, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_at_their_bounds_are_taken()
    {
        using RedlockFactory factory = new(Channels(4));
        factory.CreateMutex(
            "door", new MutexOptions { Expiry = TimeSpan.FromMilliseconds(3), Factor = 0, Tries = 1, Delay = TimeSpan.Zero, Quorum = 4 });
        factory.CreateMutex(
            "door", new MutexOptions { Expiry = TimeSpan.FromDays(24), Tries = int.MaxValue, Delay = TimeSpan.FromDays(12), Quorum = 3 });
        factory.CreateMutex(new string('x', 64 * 1024));
        factory.CreateMutex(new string('x', (64 * 1024) - 2), new MutexOptions { KeyPrefix = "p:" });
    }

    [Fact]
    public void A_name_is_needed_and_its_bytes_are_bounded()
    {
        using RedlockFactory factory = new(Channels(1));
        Assert.Throws<ArgumentNullException>("name", () => factory.CreateMutex(null!));
        Assert.Throws<ArgumentException>("name", () => factory.CreateMutex(string.Empty));
        Assert.Throws<ArgumentNullException>("prefix", () => factory.CreateMutex("door", new MutexOptions { KeyPrefix = null! }));
        Assert.Contains(
            "65536",
            Assert.Throws<ArgumentException>("name", () => factory.CreateMutex(new string('x', 65537))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "65538 bytes",
            Assert.Throws<ArgumentException>("name", () => factory.CreateMutex(new string('\u00e9', 32769))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("name", () => factory.CreateMutex(new string('x', 65536), new MutexOptions { KeyPrefix = "p" }));
    }

    [Theory]
    [InlineData(0xD83D, null)]
    [InlineData(0xDE00, null)]
    [InlineData(0xD83D, 0x78)]
    [InlineData(0xDE00, 0xD83D)]
    public void A_name_that_is_not_text_is_refused(int first, int? second)
    {
        using RedlockFactory factory = new(Channels(1));
        string name = "a" + (char)first + (second is { } other ? ((char)other).ToString() : string.Empty);
        ArgumentException refusal = Assert.Throws<ArgumentException>("name", () => factory.CreateMutex(name));
        Assert.Contains("unpaired surrogate", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public void A_quorum_needs_1_to_31_nodes(int nodes)
    {
        AssertBound(Assert.Throws<ArgumentOutOfRangeException>(nameof(nodes), () => new RedlockFactory(Channels(nodes))));
        AssertBound(Assert.Throws<ArgumentOutOfRangeException>(nameof(nodes), () => RedlockFactory.Quorum(nodes)));
        AssertBound(Assert.Throws<ArgumentOutOfRangeException>(
            "endpoints", () => RedlockFactory.Create(Enumerable.Range(1, nodes).Select(port => $"127.0.0.1:{port}"))));
        static void AssertBound(ArgumentException refusal) => Assert.Contains("1 to 31 nodes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_most_nodes_are_taken()
    {
        using RedlockFactory factory = new(Channels(31));
        Assert.Equal(16, factory.CreateMutex("door").Quorum);
    }

    [Fact]
    public void Quorum_is_more_than_half()
    {
        Assert.Equal([1, 2, 2, 3, 3, 4, 4], Enumerable.Range(1, 7).Select(RedlockFactory.Quorum));
    }

    [Fact]
    public void A_node_has_one_vote()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>("nodes", () => new RedlockFactory(Channels(2).Concat(Channels(1))));
        Assert.Contains("node0 is given twice", refusal.Message, StringComparison.Ordinal);
        refusal = Assert.ThrowsAny<ArgumentException>(() => RedlockFactory.Create("127.0.0.1:1", "redis://u:secret@127.0.0.1:1/3"));
        Assert.Contains("127.0.0.1:1 is given twice", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_share_a_clock()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            "nodes", () => new RedlockFactory(new ScriptedChannel("a", _clock), new ScriptedChannel("b", new ManualTimeProvider())));
        Assert.Contains("b has another clock than a", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_refused_by_name()
    {
        using RedlockFactory factory = new(Channels(1));
        RedlockMutex mutex = factory.CreateMutex("door");
        Assert.Throws<ArgumentNullException>("nodes", () => new RedlockFactory((IEnumerable<RespChannel>)null!));
        Assert.Throws<ArgumentNullException>("nodes", () => new RedlockFactory([null!]));
        Assert.Throws<ArgumentNullException>("endpoints", () => RedlockFactory.Create((IEnumerable<string>)null!));
        Assert.Throws<ArgumentNullException>("options", () => RedlockFactory.Create((RedlockOptions)null!, "127.0.0.1:1"));
        Assert.Throws<ArgumentNullException>("action", () => mutex.WithLock(null!, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void An_endpoint_that_cannot_be_read_is_not_repeated()
    {
        FormatException refusal = Assert.Throws<FormatException>(
            () => RedlockFactory.Create("127.0.0.1:1", "redis://u:secret@host:notaport"));
        Assert.DoesNotContain("secret", refusal.ToString(), StringComparison.Ordinal);
    }

    private static RespChannel[] Channels(int count) =>
        [.. Enumerable.Range(0, count).Select(node => new ScriptedChannel($"node{node}", _clock))];
}
