using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>A server that has as many clients as it allows, and so refuses a node that has lost its connection.</summary>
public sealed partial class FullServerTests
{
    private const int Others = 8;
    private const int TriesMeanwhile = 5;

    // A test that waits for the longest delay fails.
    private static readonly RedlockOptions _options = new() { Node = new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMinutes(10) } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_node_is_back_soon_after_there_is_room(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        using RedlockFactory factory = RedlockFactory.Create(_options, Enumerable.Range(0, nodes).Select(node => servers[node].Endpoint));
        await Inspection.AllConnectedAsync(factory);
        await using RespNode control = RespNode.Connect(servers[0].Endpoint, new RespNodeOptions { ClientName = "control" });
        await control.WaitUntilConnectedAsync(Token);
        using Crowd crowd = new(servers[0].Port);
        await Eventually.Holds(async () => await ReadAsync(control, "connected_clients") == Others + 2, "all are connected");
        await AskAsync(control, "CONFIG", "SET", "maxclients", (Others + 1).ToString(CultureInfo.InvariantCulture));
        await AskAsync(
            control, "CLIENT", "KILL", "ID", NodeInClientList().Match(await AskAsync(control, "CLIENT", "LIST")).Groups[1].Value);
        await Eventually.Holds(
            async () => await ReadAsync(control, "rejected_connections") >= 3, "the node has been refused several times");

        MutexOptions everyNode = MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(30), Quorum = nodes };
        RedlockMutex probe = factory.PatientMutex("probe", everyNode);
        LockResult refused = await probe.TryLockAsync(Token);
        NodeOutcome outcome = probe.LastAttemptByAnyone[0];
        Assert.Contains("maxclients", outcome.Error, StringComparison.Ordinal);
        Assert.Equal((LockStatus.Unavailable, NodeVote.Failed, false), (refused.Status, outcome.Vote, refused.LooksMisconfigured));

        Calls[] calls =
        [
            Calls.In(Style.Async),
            Calls.In(Style.Blocking),
            new(Style.Async, CancellationToken.None),
            new(Style.Blocking, CancellationToken.None),
        ];
        int[] tries = new int[calls.Length];
        RedlockMutex[] mutexes = [.. calls.Select((_, caller) => factory.PatientMutex($"door {caller}", everyNode with
        {
            Tries = int.MaxValue,
            DelayFunction = tried =>
            {
                Volatile.Write(ref tries[caller], tried);
                return TimeSpan.FromMilliseconds(20);
            },
        }))];
        Task<LockHandle>[] waiting = [.. calls.Select((call, caller) => call.LockAsync(mutexes[caller]))];
        await Eventually.Holds(() => tries.All(tried => tried >= TriesMeanwhile), "each has tried several times");
        Assert.DoesNotContain(waiting, wait => wait.IsCompleted);

        crowd.Dispose();
        for (int caller = 0; caller < calls.Length; caller++)
        {
            LockHandle held = await waiting[caller].SoonAsync();
            Assert.True(held.IsHeld);
            Assert.Equal(UnlockStatus.Released, await calls[caller].UnlockAsync(mutexes[caller], held).SoonAsync());
            Assert.All(await factory.StoredAsync(mutexes[caller].Name), Assert.Null);
        }

        Assert.Equal(1, factory.Node(0).Reconnects);
    }

    private static async Task<string> AskAsync(RespNode control, params string[] command)
    {
        RespValue answer = await control.SendAsync(command);
        Assert.False(answer.IsError, $"{command[0]}: {answer}");
        return answer.AsString()!;
    }

    private static async Task<long> ReadAsync(RespNode control, string field)
    {
        string line = (await AskAsync(control, "INFO")).Split("\r\n").Single(
            line => line.StartsWith(field + ':', StringComparison.Ordinal));
        return long.Parse(line.AsSpan(field.Length + 1), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^id=([0-9]+) .* name=redlock\\.fast ", RegexOptions.Multiline)]
    private static partial Regex NodeInClientList();

    /// <summary>Connections that ask for nothing.</summary>
    private sealed class Crowd : IDisposable
    {
        private readonly TcpClient[] _connections = [.. Enumerable.Range(0, Others).Select(_ => new TcpClient())];

        public Crowd(int port)
        {
            foreach (TcpClient connection in _connections)
            {
                connection.Connect(IPAddress.Loopback, port);
            }
        }

        public void Dispose()
        {
            foreach (TcpClient connection in _connections)
            {
                connection.Dispose();
            }
        }
    }
}
