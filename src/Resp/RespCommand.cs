using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>One command of any kind, outside the hot path.</summary>
internal sealed class RespCommand : ReplyHandler
{
    private const string NotExecuted = "the node has not executed it";
    private const string MaybeExecuted = "the node may have executed it, or may do so yet";

    private static readonly SearchValues<char> _letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly RespNode _node;
    private readonly string _command;
    private readonly TaskCompletionSource<RespValue> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RespCommand(RespNode node, string command)
    {
        _node = node;
        _command = PrintableText.OfName(command);
    }

    public static Task<RespValue> Send(
        RespNode node, TimeSpan timeLimit, ReadOnlySpan<string> arguments, CancellationToken cancellationToken = default)
    {
        if (arguments.IsEmpty)
        {
            throw new ArgumentException("A command has at least its own name.", nameof(arguments));
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<RespValue>(cancellationToken);
        }

        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, arguments);

        // Only the command's name is kept: arguments may be secrets.
        RespCommand command = new(node, arguments[0]);
        RespTicket ticket = node.TrySend(frame.WrittenSpan, new RespRequest
        {
            Handler = command,
            DeadlineTicks = node.TimeProvider.GetTimestamp() + ClockTicks.Of(node.TimeProvider, timeLimit),
        });
        if (!ticket.IsTaken)
        {
            command.Fail(ticket.Failure, NotExecuted);
        }

        else if (cancellationToken.CanBeCanceled)
        {
            command.CancelBy(cancellationToken);
        }

        return command._reply.Task;
    }

    // Whatever is no name of a command may be anything, and would make a series of its own.
    internal override string? Command =>
        _command.AsSpan().ContainsAnyExcept(_letters) ? null : _command.ToUpperInvariant();

    public override void OnReply(long tag, in RespReply reply) => _reply.TrySetResult(reply.ToValue());

    public override void OnFailure(long tag, RequestFailure failure) =>
        Fail(failure, MayBeExecuted(failure) ? MaybeExecuted : NotExecuted);

    private static bool MayBeExecuted(RequestFailure failure) =>
        failure is RequestFailure.TimedOut or RequestFailure.ConnectionLost or RequestFailure.Disposed;

    private void CancelBy(CancellationToken cancellationToken)
    {
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (command, token) => ((RespCommand)command!)._reply.TrySetCanceled(token),
            this);
        _reply.Task.GetAwaiter().UnsafeOnCompleted(() => registration.Unregister());
    }

    private void Fail(RequestFailure failure, string consequence) =>
        _reply.TrySetException(new RespRequestException(failure, $"{_command} got no reply; {consequence}. {_node.Describe(failure)}"));
}
