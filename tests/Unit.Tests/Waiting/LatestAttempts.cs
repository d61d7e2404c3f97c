namespace Redlock.Fast.Unit.Tests;

/// <summary>Answers the newest attempt of each node: behind a failed one comes its clean-up.</summary>
internal static class LatestAttempts
{
    public static void AnswerAttempts(this ScriptedQuorum quorum, string wire)
    {
        int[] newest = Array.ConvertAll(quorum.Nodes, LatestAttempt);
        for (int node = 0; node < newest.Length; node++)
        {
            quorum.Nodes[node].Reply(newest[node], wire);
        }
    }

    public static ScriptedFrame Attempted(this ScriptedChannel node) => node.Sent[LatestAttempt(node)];

    public static int LatestAttempt(this ScriptedChannel node) => node.Sent.Select((frame, index) => frame.IsAttempt ? index : -1).Max();
}
