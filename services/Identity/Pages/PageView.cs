using ModelGarden.Kernel;

namespace ModelGarden.Identity.Pages;

/// <summary>What every page knows.</summary>
/// <param name="FormToken">Carried by every form.</param>
/// <param name="Account">Who is signed in all the way; null: nobody.</param>
/// <param name="Return">Where to go afterwards.</param>
/// <param name="Error">Why the form was refused.</param>
/// <param name="ErrorField">The field that the error is about; empty: the form.</param>
public sealed record PageView(string FormToken, string? Account, string Return, Error? Error = null, string ErrorField = "")
{
    /// <summary>An error's words as a sentence.</summary>
    public static string Sentence(Error error) => $"{char.ToUpperInvariant(error.Message[0])}{error.Message[1..]}.";
}
