using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>An address behind which the server becomes another one: each connection finds out for itself what it may send.</summary>
public sealed class ChangedServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_connection_learns_anew_what_its_server_has()
    {
        RespNodeOptions options = new()
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(1),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(20),
        };
        InMemoryNode[] servers = [.. Enum.GetValues<InMemoryScripting>().Select(Start)];
        InMemoryNode present = servers[0];
        using RespNode node = new(Dialer.From("moving", _ => ValueTask.FromResult(Volatile.Read(ref present).Connect())), options);
        await using RedlockFactory factory = new(node);
        RedlockMutex mutex = factory.PatientMutex("door", MutexOptions.NonBlocking);

        // From each to each.
        foreach (InMemoryNode from in servers)
        {
            foreach (InMemoryNode to in servers)
            {
                foreach (InMemoryNode next in (InMemoryNode[])[from, to])
                {
                    InMemoryNode left = present;
                    Volatile.Write(ref present, next);
                    left.Stop();
                    left.Restart(NodeData.Lose);
                    await AssertServesAsync(mutex, ScriptingOf(servers, next));
                }
            }
        }

        foreach (InMemoryNode server in servers)
        {
            server.Dispose();
        }
    }

    private static InMemoryNode Start(InMemoryScripting scripting) =>
        InMemoryNode.Start(new InMemoryNodeOptions { Transports = InMemoryTransports.PipesOnly, Scripting = scripting });

    private static InMemoryScripting ScriptingOf(InMemoryNode[] servers, InMemoryNode server) =>
        (InMemoryScripting)Array.IndexOf(servers, server);

    private static async Task AssertServesAsync(RedlockMutex mutex, InMemoryScripting scripting)
    {
        LockResult taken = default;
        if (scripting == InMemoryScripting.Nothing)
        {
            await Eventually.Holds(
                async () =>
                {
                    taken = await mutex.TryLockAsync(Token);
                    return !taken.IsAcquired && mutex.LastAttemptByAnyone[0].Vote == NodeVote.Misconfigured;
                },
                "it is refused");
            string error = Assert.IsType<string>(mutex.LastAttemptByAnyone[0].Error);
            Assert.Contains("the node runs no scripts for this client: EVALSHA was refused with \"ERR unknown command", error);
            Assert.Contains("SET with IFEQ was answered with \"ERR syntax error\"", error);
            Assert.Contains("use one that has DELIFEQ (Valkey 9.0) or DELEX (Redis 8.4).", error);
            return;
        }

        await Eventually.Holds(async () => (taken = await mutex.TryLockAsync(Token)).IsAcquired, $"{scripting} grants");
        Assert.True((await mutex.ExtendAsync(taken.Token, Token)).IsExtended, string.Join('\n', mutex.LastAttemptByAnyone));
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token));
    }
}
