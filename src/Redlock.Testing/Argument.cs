namespace Redlock.Fast.Testing;

/// <summary>What one argument of an expected command must be. A text converts to itself: exactly this one.</summary>
public sealed class Argument
{
    private readonly Func<string, bool> _matches;
    private readonly string _text;

    private Argument(Func<string, bool> matches, string text)
    {
        _matches = matches;
        _text = text;
    }

    /// <summary>Whatever it is.</summary>
    public static Argument Any { get; } = new(static _ => true, "<any>");

    /// <summary>Exactly this text, letter case included.</summary>
    /// <param name="text">The argument as UTF-8.</param>
    public static implicit operator Argument(string text) => Is(text);

    /// <summary>Exactly this text, letter case included.</summary>
    /// <param name="text">The argument as UTF-8.</param>
    public static Argument Is(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(argument => string.Equals(argument, text, StringComparison.Ordinal), $"\"{text}\"");
    }

    /// <summary>Anything that begins with this text.</summary>
    /// <param name="prefix">The first characters, letter case included.</param>
    public static Argument StartingWith(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return new(argument => argument.StartsWith(prefix, StringComparison.Ordinal), $"\"{prefix}...\"");
    }

    /// <summary>Anything for which a function says yes.</summary>
    /// <param name="condition">
    /// Asked on threads of the node, possibly several times for one command; it must be quick and not throw.
    /// </param>
    public static Argument Where(Func<string, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new(condition, "<where>");
    }

    /// <summary>As an error shows it.</summary>
    public override string ToString() => Resp.PrintableText.Of(_text);

    internal bool Matches(string argument) => _matches(argument);
}
