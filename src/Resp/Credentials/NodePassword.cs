namespace Redlock.Fast.Resp;

/// <summary>What a password can't be.</summary>
internal static class NodePassword
{
    /// <summary>Whether it was read whole from a file, which ends in a line break.</summary>
    public static bool EndsInLineBreak(string password) => password.Length > 0 && password[^1] is ('\r' or '\n');

    /// <exception cref="ArgumentException">It ends in a line break.</exception>
    public static string? Checked(string? value) =>
        value is null || !EndsInLineBreak(value)
            ? value
            : throw new ArgumentException(
                "Password ends in a line break, as a file does that is read whole: trim it (a password that does end in one goes into the "
                + "endpoint, as %0A).",
                nameof(value));
}
