return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Artifacts.ArtifactsModule.Definition, args);
