using System.Text;

namespace Redlock.Fast.Testing;

/// <summary>A command that a script expects, as often as it has replies.</summary>
internal sealed class ScriptedExpectation
{
    private readonly CommandKind _kind;
    private readonly string _command;
    private readonly Argument[] _arguments;
    private readonly Reply[] _replies;
    private int _used;

    /// <param name="kind">For anything but <see cref="CommandKind.Other"/> the only argument is the key.</param>
    /// <param name="command">The command's name, or what the kind is called.</param>
    /// <param name="arguments">What follows the name.</param>
    /// <param name="replies">One for each time it comes.</param>
    public ScriptedExpectation(CommandKind kind, string command, ReadOnlySpan<Argument> arguments, ReadOnlySpan<Reply> replies)
    {
        if (replies.IsEmpty)
        {
            throw new ArgumentException("An expected command needs a reply for each time it comes: give one or more.", nameof(replies));
        }

        _kind = kind;
        _command = command;
        _arguments = arguments.ToArray();
        _replies = replies.ToArray();
        foreach (Argument argument in _arguments)
        {
            ArgumentNullException.ThrowIfNull(argument, nameof(arguments));
        }

        foreach (Reply reply in _replies)
        {
            ArgumentNullException.ThrowIfNull(reply, nameof(replies));
        }
    }

    public bool IsMet => _used == _replies.Length;

    public bool Matches(ScriptedCommand command)
    {
        if (_kind != CommandKind.Other)
        {
            return command.Kind == _kind && _arguments[0].Matches(command.Key);
        }

        ReadOnlySpan<string> words = command.Words;
        if (!command.Is(_command) || words.Length != _arguments.Length + 1)
        {
            return false;
        }

        for (int i = 0; i < _arguments.Length; i++)
        {
            if (!_arguments[i].Matches(words[i + 1]))
            {
                return false;
            }
        }

        return true;
    }

    public Reply Use() => _replies[_used++];

    public override string ToString()
    {
        StringBuilder text = new StringBuilder(Resp.PrintableText.OfName(_command));
        foreach (Argument argument in _arguments)
        {
            text.Append(' ').Append(argument);
        }

        text.Append(System.Globalization.CultureInfo.InvariantCulture, $": came {_used} of {_replies.Length} times");
        if (IsMet)
        {
            return text.ToString();
        }

        text.Append(", replies left ");
        for (int i = _used; i < _replies.Length; i++)
        {
            text.Append(i == _used ? string.Empty : ", ").Append(_replies[i]);
        }

        return text.ToString();
    }
}
