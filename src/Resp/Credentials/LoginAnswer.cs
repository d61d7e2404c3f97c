namespace Redlock.Fast.Resp;

/// <summary>What became of a call for a login.</summary>
/// <param name="Login">The login; <c>null</c> if there is none.</param>
/// <param name="Cause">The kind of problem, a word of the meters; empty if there is a login.</param>
/// <param name="Problem">What happened, for people, behind the node's name; holds no credentials.</param>
internal sealed record LoginAnswer(Login? Login, string Cause, string Problem)
{
    public static LoginAnswer Of(Login login) => new(login, string.Empty, string.Empty);

    public static LoginAnswer Without(string cause, string problem) => new(Login: null, cause, problem);
}
