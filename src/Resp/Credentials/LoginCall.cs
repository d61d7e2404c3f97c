namespace Redlock.Fast.Resp;

/// <summary>One call for credentials. It is answered when it ends, when its time is up, or when nobody wants it any more.</summary>
/// <remarks>
/// On a thread of its own: it may block, and while the pool is starved one that has its credentials at hand still answers.
/// </remarks>
internal sealed class LoginCall
{
    // A chain of token services with retries of their own may take so long on a cold start, and nothing is lost by waiting: a connection
    // that is there serves on.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private readonly NodeContext _node;
    private readonly CancellationToken _ending;
    private Action<LoginAnswer>? _answered;

    private LoginCall(NodeContext node, Action<LoginAnswer> answered, CancellationToken ending)
    {
        _node = node;
        _answered = answered;
        _ending = ending;
    }

    /// <summary>Asks.</summary>
    /// <param name="node">The node.</param>
    /// <param name="answered">Told once, on whichever thread it is known first; it must not keep that, and must not throw.</param>
    /// <param name="ending">Ends the call.</param>
    public static void Start(NodeContext node, Action<LoginAnswer> answered, CancellationToken ending)
    {
        LoginCall call = new(node, answered, ending);
        if (ending.IsCancellationRequested)
        {
            call.GiveUp();
        }
        else if (!node.Logins.TryBeginCall())
        {
            answered(LoginSource.TooManyCalls);
        }
        else
        {
            call.Start();
        }
    }

    private void Start()
    {
        try
        {
            _node.Scheduler.Start(RunAsync, $"{_node.Name} login");
        }
        catch (Exception thrown)
        {
            // Whoever asks may be the one timer thread of the process.
            _node.Logins.EndCall();
            Answer(Failed(thrown));
        }
    }

    private async Task RunAsync()
    {
        LoginAnswer answer;
        try
        {
            using CancellationTokenSource limit = new(_longest, _node.Time);
            using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _ending);
            using CancellationTokenRegistration registration =
                both.Token.UnsafeRegister(static call => ((LoginCall)call!).GiveUp(), this);
            Task<LoginAnswer> asked = _node.Logins.AskAsync(both.Token);
            await _node.Scheduler.Await(asked).ConfigureAwait(false);
            answer = await asked.ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            answer = Failed(thrown);
        }

        _node.Logins.EndCall();
        Answer(answer);
    }

    // It may throw anything, and quote what it had in hand.
    private LoginAnswer Failed(Exception thrown) => LoginAnswer.Without(
        $"{thrown.GetType()}", $"the credentials callback failed with {thrown.GetType().Name}: {_node.Text.Line(thrown.Message)}");

    // Whoever does not listen to the token is not waited for either.
    private void GiveUp() => Answer(
        _ending.IsCancellationRequested
            ? LoginAnswer.Without("over", "the connection was over before there were credentials.")
            : LoginAnswer.Without(
                "timeout", $"the credentials callback gave nothing within {_longest.TotalSeconds:0} s; it is asked again."));

    private void Answer(LoginAnswer answer) => Interlocked.Exchange(ref _answered, null)?.Invoke(answer);
}
