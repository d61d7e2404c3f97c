using System.Globalization;
using System.Numerics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Takes, holds and releases names by commands alone.</summary>
internal sealed class ForeignWorker(IReadOnlyList<RespNode> nodes, int names, Random random, HistoryLog history)
{
    private const string DeleteOwn = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])";

    private const double Drift = 0.01;

    private static readonly TimeSpan _fixedDrift = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan _nodeTimeLimit = TimeSpan.FromMilliseconds(75);

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            int number = random.Next(names + 1);
            bool isLine = number == names;
            await TakeAsync(isLine ? HotNames.Line : HotNames.Of(number), isLine ? HotNames.LineExpiries : HotNames.Expiries);
            await Task.Delay(random.Next(1, 60), CancellationToken.None);
        }
    }

    private static long Now() => MonotonicTime.Shared.GetTimestamp();

    private async Task TakeAsync(string name, IReadOnlyList<TimeSpan> expiries)
    {
        TimeSpan expiry = expiries[random.Next(expiries.Count)];
        string owner = "foreign-" + Guid.NewGuid().ToString("N");
        string milliseconds = expiry.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        long start = Now();
        TimeSpan validity = expiry - (expiry * Drift) - _fixedDrift;
        long deadline = start + (long)(validity.TotalSeconds * MonotonicTime.Shared.TimestampFrequency);
        RespValue?[] replies = await AskAllAsync("SET", name, owner, "NX", "PX", milliseconds);
        uint granted = 0;
        for (int node = 0; node < replies.Length; node++)
        {
            granted |= replies[node] is { Type: RespType.SimpleString } ? 1u << node : 0;
        }

        long handOver = Now();
        if (BitOperations.PopCount(granted) < RedlockFactory.Quorum(nodes.Count) || handOver >= deadline)
        {
            bool isContended = replies.Count(reply => reply is { IsNull: true }) >= RedlockFactory.Quorum(nodes.Count);
            history.Count(isContended ? CallEnd.Contended : CallEnd.Unavailable);
        }
        else
        {
            history.Claim(ClaimKind.Acquired, name, owner, start, handOver, deadline, granted);
            history.Count(CallEnd.Acquired);
            await Task.Delay(random.Next(0, 40));
            history.Release(owner, Now());
        }

        await AskAllAsync("EVAL", DeleteOwn, "1", name, owner);
    }

    private async Task<RespValue?[]> AskAllAsync(params string[] command)
    {
        using CancellationTokenSource limit = new(_nodeTimeLimit);
        return await Task.WhenAll(nodes.Select(node => AskAsync(node, command, limit.Token)));
    }

    private static async Task<RespValue?> AskAsync(RespNode node, string[] command, CancellationToken limit)
    {
        try
        {
            return await node.SendAsync(command, limit);
        }
        catch (Exception failure) when (failure is RespRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
