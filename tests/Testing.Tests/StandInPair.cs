using System.Text;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>A real server of one's own and an in-memory node, asked the same.</summary>
internal sealed class StandInPair : IAsyncDisposable
{
    private readonly TempRedis _redis;
    private readonly InMemoryNode _node = InMemoryNode.Start();
    private readonly RawClient _real;
    private readonly RawClient _standIn;

    private StandInPair(TempRedis redis)
    {
        _redis = redis;
        _real = RawClient.To(redis.Endpoint);
        _standIn = RawClient.To(_node.Endpoint);
    }

    public static async Task<StandInPair> StartAsync()
    {
        InstalledRedis.Require();
        return new StandInPair(await TempRedis.StartAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    /// <summary>Sends a line as it would be typed.</summary>
    public Task CompareAsync(string line) => CompareRawAsync(line, line + "\r\n");

    /// <summary>Sends a command as clients do.</summary>
    public Task CompareAsync(params string[] words) => CompareRawAsync(string.Join(' ', words), Frame(words));

    public async Task<(string Real, string StandIn)> AskBothAsync(params string[] words) =>
        (await _real.AskRawAsync(Frame(words)), await _standIn.AskRawAsync(Frame(words)));

    public async ValueTask DisposeAsync()
    {
        _real.Dispose();
        _standIn.Dispose();
        await _redis.DisposeAsync();
        await _node.DisposeAsync();
    }

    private static string Frame(string[] words)
    {
        StringBuilder frame = new StringBuilder($"*{words.Length}\r\n");
        foreach (string word in words)
        {
            frame.Append($"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        }

        return frame.ToString();
    }

    private async Task CompareRawAsync(string shown, string bytes)
    {
        string real = await _real.AskRawAsync(bytes);
        string standIn = await _standIn.AskRawAsync(bytes);
        Assert.True(real == standIn, $"{Cut(shown)}\nredis:    {Cut(real)}\nstand-in: {Cut(standIn)}");
    }

    private static string Cut(string text) => text.Length <= 1000 ? text : text[..1000] + "...";
}
