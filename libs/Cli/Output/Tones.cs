using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Output;

/// <summary>States with the colour that says how good they are.</summary>
internal static class Tones
{
    public static Cell Of(Lifecycle lifecycle) => new(Plain.Name(lifecycle), lifecycle switch
    {
        Lifecycle.Published => Tone.Good,
        Lifecycle.Deprecated or Lifecycle.Submitted or Lifecycle.InReview or Lifecycle.Approved or Lifecycle.ChangesRequested => Tone.Careful,
        Lifecycle.Retired or Lifecycle.TakenDown => Tone.Bad,
        _ => Tone.Plain,
    });

    public static Cell Of(ContentRating rating) => new(Plain.Name(rating), rating switch
    {
        ContentRating.General => Tone.Good,
        ContentRating.Sensitive => Tone.Careful,
        ContentRating.Explicit => Tone.Bad,
        _ => Tone.Plain,
    });

    public static Cell Of(ReportState state) => new(Plain.Name(state), state switch
    {
        ReportState.Open => Tone.Careful,
        ReportState.Upheld => Tone.Bad,
        ReportState.Lapsed => Tone.Dim,
        _ => Tone.Good,
    });

    public static Cell Of(OriginFileState state) => new(Plain.Name(state), state switch
    {
        OriginFileState.Same => Tone.Good,
        OriginFileState.Removed => Tone.Bad,
        _ => Tone.Careful,
    });

    public static Cell Of(EndpointState state) => new(Plain.Name(state), state switch
    {
        EndpointState.Ready => Tone.Good,
        EndpointState.Asleep => Tone.Dim,
        EndpointState.Failed or EndpointState.Blocked => Tone.Bad,
        _ => Tone.Careful,
    });

    public static Cell Of(Verdict verdict) => new(Plain.Name(verdict), verdict switch
    {
        Verdict.Clean => Tone.Good,
        Verdict.Suspicious or Verdict.Malicious => Tone.Bad,
        _ => Tone.Careful,
    });
}
