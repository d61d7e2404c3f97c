namespace Redlock.Fast.Simulation;

// Defects of the connection, which only runs through bytes can meet.
internal sealed partial record Mutant
{
    private static Mutant[] Connection =>
    [
        InConnection(
            "nobody dials again once a dial has failed",
            new Edit(
                "ConnectionKeeper.cs",
                "if (await _node.Scheduler.Pause(pause, _disposed).ConfigureAwait(false))",
                "if (await _node.Scheduler.Pause(pause, _disposed).ConfigureAwait(false) || failure == RequestFailure.NotConnected)")),
        InConnection(
            "a dial that hangs is never given up",
            new Edit("ConnectionKeeper.cs", "limit = new(_node.Options.ConnectTimeLimit, _node.Time);", "limit = new();")),
        InConnection(
            "the end of a connection forgets who waits unsent",
            new Edit("RequestQueue.cs", "        _ordinary.TakeAll(all);\n", "")),
        InConnection(
            "the late reply to what has timed out answers the next request",
            new Edit(
                "RequestLine.cs",
                "        slot = _slots[_head];\n        if (slot.Script is not null",
                "        while (_count > 1 && _slots[_head] is { Handler: null, DeadlineTicks: long.MaxValue, TakenTicks: > 0 })\n"
                    + "        {\n            _answered = _slots[_head].FrameEnd;\n            _head = (_head + 1) & (_slots.Length - 1);\n"
                    + "            _count--;\n        }\n\n        slot = _slots[_head];\n        if (slot.Script is not null")),
        InConnection(
            "what has timed out unsent is sent",
            new Edit(
                "WaitingLane.cs",
                "            return TakeOut(place);\n",
                "            waiting.Reply.Handler = null;\n            waiting.Reply.DeadlineTicks = long.MaxValue;\n"
                    + "            return true;\n")),
        InConnection(
            "what a node has forgotten is repeated behind what undoes it",
            new Edit(
                "RequestLine.cs",
                "if ((isForgotten || isRefused) && slot.Asker?.Wants(slot.Tag) != false)",
                "if (isForgotten || isRefused)")),
        InConnection(
            "what a node does not know is repeated behind what undoes it",
            new Edit(
                "RequestLine.cs",
                "if ((isForgotten || isRefused) && slot.Asker?.Wants(slot.Tag) != false)",
                "if (isRefused || (isForgotten && slot.Asker?.Wants(slot.Tag) != false))")) with
        {
            Fault = Fault.ScriptRefusals,
        },
        InConnection(
            "a silent node is never given up",
            new Edit("DeadlineWatch.cs", "if (IsSilent && isReady && line.Count > 0)", "if (IsSilent && isReady && line.Count < 0)")),
        InConnection(
            "who waits in vain for room learns nothing",
            new Edit("DeadlineWatch.cs", "if (!isReady || slot.TakenTicks > _heardAt)", "if (!isReady)")),
        InConnection(
            "the first part of a reply is thrown away",
            new Edit("ReplyReceiver.cs", "input.AdvanceTo(buffer.GetPosition(consumed), buffer.End);", "input.AdvanceTo(buffer.End);")),
        InConnection(
            "what is reserved has no more room than the rest",
            new Edit(
                "RequestQueue.cs",
                "(int slots, int bytes) = request.Priority == RequestPriority.Ordinary ?",
                "(int slots, int bytes) = request.Priority >= RequestPriority.Ordinary ?")),
        InConnection(
            "a reply behind the end of a connection is believed",
            new Edit("ReplyReceiver.cs", "        if (connection.End is not null)", "        if (connection.Number < 0)"),
            new Edit("RequestLine.cs", "        _count = 0;\n", "")),
        InConnection(
            "a release overtakes its SET",
            new Edit("RequestQueue.cs", ": _ordinary.MayHold(request.KeyHash))", ": _ordinary.Count < 0)")),
        InConnection(
            "a handshake is done before its last command is answered",
            new Edit("Handshake.cs", "if (++_answered < _expected.Count)", "if (++_answered < _expected.Count - 1)")),
        InConnection(
            "a write that took a part goes on at the wrong byte",
            new Edit("RequestLine.cs", "_handedOver += stretch.Length;", "_handedOver = Math.Min(_bytes.End, most);")),
        InConnection(
            "nobody sends what gathered while somebody sent",
            new Edit("FrameSender.cs", "        scheduler.Queue(this);\n        return false;", "        return false;")),
        InConnection(
            "what gathered is left to a drain that never comes",
            new Edit("FrameSender.cs", "            scheduler.Queue(this);\n        }\n        else if", "        }\n        else if")),
        InConnection(
            "a node that never answered EVAL is believed to know it",
            new Edit("ScriptSupport.cs", "_textRefusal is null && !AreTextsDoubtful ?", "_textRefusal is null ?")),
        InConnection(
            "what a command has not done in a script's place is told as done",
            new Edit("RespScriptSubstitute.cs", "isNotDone ? View(_notDone)", "isNotDone ? View(_done)")),
        InConnection(
            "a lock is handed on in a script's place by comparing with the new owner",
            new Edit("SubstituteFrame.cs", "WriteComparand(call.Argument(3));", "WriteComparand(call.Argument(1));")),
        InConnection(
            "a login is renewed behind its end",
            new Edit("LoginTimes.cs", "EarliestShare = 0.7;", "EarliestShare = 1.7;")),
        InConnection(
            "channels are not asked for again after a loss",
            new Edit("Subscriber.Losing.cs", "            _channels.Forget();\n", "")),
    ];

    private static Mutant InConnection(string name, params Edit[] edits) =>
        new(name) { Edits = edits, Package = "Resp", Bytes = ByteUse.Always };
}
