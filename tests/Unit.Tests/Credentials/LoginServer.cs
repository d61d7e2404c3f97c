using System.Collections.Concurrent;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

/// <summary>A server that writes down who logs in on which connection, and credentials by a clock that stands.</summary>
internal sealed class LoginServer : IAsyncDisposable
{
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(100);

    // Far below the time that a call is given.
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    // At which a login is renewed that began with the clock at zero, and the tick by which timers are late.
    public static readonly TimeSpan UntilRenewal = (Life * LoginScheduler.Share) + TimeSpan.FromTicks(1);

    private readonly LoginScheduler _scheduler = new();
    private readonly ScriptedServer _server;
    private readonly ConcurrentQueue<string> _logins = new();
    private int _asked;

    public LoginServer()
    {
        _server = new ScriptedServer(ScriptedTransport.Pipes, ServeAsync);
        Give = (number, _) => ValueTask.FromResult(Credentials(number));
    }

    public ManualTimeProvider Clock { get; } = new();

    public Dialer Dialer => _server.Dialer;

    public int Dials => _server.Dials;

    // The number of the connection, and what AUTH was sent.
    public string[] Logins => [.. _logins];

    // How often the callback was called.
    public int Asked => Volatile.Read(ref _asked);

    // The nth call, with its token.
    public Func<int, CancellationToken, ValueTask<RespCredentials>> Give { get; set; }

    // To AUTH, given what it was sent.
    public Func<string, string> Answer { get; set; } = static _ => "+OK\r\n";

    // To anything but the handshake, if it is to be anything but a good answer.
    public Func<ScriptedPeer, string?> AnswerOther { get; set; } = static _ => null;

    // How many calls are not waited for while time passes.
    public int Hanging { get; set; }

    public ConcurrentQueue<string> NodesAsked { get; } = new();

    public RespNodeOptions Options => new()
    {
        Credentials = AskAsync,
        TimeProvider = Clock,
        Scheduler = _scheduler,
        ReconnectDelay = TimeSpan.FromMilliseconds(1),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(2),

        // Time passes while something is on its way.
        ConnectTimeLimit = TimeSpan.FromDays(20),
        CommandTimeLimit = TimeSpan.FromDays(20),
    };

    public RespCredentials Credentials(int number) => new("worker", $"password-{number}", Clock.GetUtcNow() + Life);

    public async Task<RespNode> ConnectAsync(RespNodeOptions? options = null)
    {
        RespNode node = new(Dialer, options ?? Options);
        await Eventually.Connected(node);
        return node;
    }

    // Lets time pass until something has come of it, but not over the heads of calls that are under way.
    public Task PassUntil(Func<bool> holds, TimeSpan? step = null) => Eventually.Holds(
        () =>
        {
            bool isTrue = holds();
            if (!isTrue && _scheduler.Calls <= Hanging)
            {
                Clock.Advance(step ?? Step);
            }

            return isTrue;
        },
        "it comes with time");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private ValueTask<RespCredentials> AskAsync(string node, CancellationToken cancellationToken)
    {
        NodesAsked.Enqueue(node);
        return Give(Interlocked.Increment(ref _asked), cancellationToken);
    }

    private async Task ServeAsync(ScriptedPeer peer)
    {
        while (await peer.ReadAsync() is { } command)
        {
            if (command[0] == "AUTH")
            {
                string said = string.Join(' ', command[1..]);
                _logins.Enqueue($"{peer.Number}: {said}");
                await peer.WriteAsync(Answer(said));
                continue;
            }

            string good = command[0] switch
            {
                "PING" => "+PONG\r\n",
                "INFO" => ScriptedPeer.NothingToSay,
                "ECHO" => $"${command[1].Length}\r\n{command[1]}\r\n",
                _ => "+OK\r\n",
            };
            await peer.WriteAsync(command[0] == "CLIENT" ? good : AnswerOther(peer) ?? good);
        }
    }
}
