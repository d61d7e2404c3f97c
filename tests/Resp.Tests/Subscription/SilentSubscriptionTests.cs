using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

// A node that lets AUTH time out on the subscriber's connection is silent; what is asked for meanwhile is asked in the end.
public sealed class SilentSubscriptionTests
{
    [Theory]
    [InlineData(ScriptedTransport.Tcp)]
    [InlineData(ScriptedTransport.Pipes)]
    public async Task Who_comes_and_who_goes_while_a_renewal_is_unanswered_is_told_once_the_node_answers(ScriptedTransport transport)
    {
        await using ScriptedServer server = new(transport, AnswerRenewalsLateAsync);
        int asked = 0;
        using RespNode node = new(server.Dialer, new RespNodeOptions
        {
            CommandTimeLimit = TimeSpan.FromMilliseconds(20),
            SilenceLimit = TimeSpan.FromDays(1),

            // The subscriber's first login is the second of all, and the only one that ends.
            Credentials = (_, _) => ValueTask.FromResult(new RespCredentials(
                null, "secret", Interlocked.Increment(ref asked) == 2 ? DateTimeOffset.UtcNow.AddSeconds(1) : null)),
        });
        TaskCompletionSource<string> trouble = new(TaskCreationOptions.RunContinuationsAsynchronously);
        node.CredentialsNotRenewed += (_, text) => trouble.TrySetResult(text);
        await Eventually.Connected(node);
        SubscriptionRecorder recorder = new();
        RespSubscription first = node.Subscribe("a", recorder, tag: 1);
        await Eventually.Holds(() => recorder.Confirmed == 1, "the first is heard");
        Assert.Contains("TimedOut", await trouble.Task.SoonAsync(), StringComparison.Ordinal);

        node.Unsubscribe(first);
        node.Subscribe("b", recorder, tag: 2);
        node.Subscribe("a", recorder, tag: 3);
        await Eventually.Holds(() => recorder.Confirmed == 3, "all are heard");
        Assert.Equal(["confirmed", "ended: Unsubscribed"], recorder.Of(1));
        Assert.Equal(["confirmed"], recorder.Of(2));
        Assert.Equal(["confirmed"], recorder.Of(3));
        Assert.Equal(0, recorder.Lost);
        Assert.Equal(2, server.Dials);
    }

    // The second AUTH of a connection and those behind it wait until something else is asked.
    private static async Task AnswerRenewalsLateAsync(ScriptedPeer peer)
    {
        int logins = 0;
        int owed = 0;
        while (await peer.ReadAsync() is { } command)
        {
            if (command[0] == "AUTH" && ++logins > 1)
            {
                owed++;
                continue;
            }

            string kind = command[0].ToLowerInvariant();
            string reply = kind switch
            {
                "subscribe" or "unsubscribe" => $"*3\r\n${kind.Length}\r\n{kind}\r\n$1\r\n{command[1]}\r\n:1\r\n",
                "ping" => "+PONG\r\n",
                _ => "+OK\r\n",
            };
            await peer.WriteAsync(string.Concat(Enumerable.Repeat("+OK\r\n", owed)) + reply);
            owed = 0;
        }
    }
}
